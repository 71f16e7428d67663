//! Who asks: a process of this machine, and whose.
//!
//! The wire protocol has no authentication, and the certificates that it hands out open the protected settings. So the
//! relay answers root alone. The kernel's table of this machine's own connections says whose a connection is; one that
//! is not in it comes from elsewhere (another host, a container behind address translation) and is not answered.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// The user that owns the other end of a connection to us, if it is a process in this machine's own network.
#[must_use]
pub fn owner(peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    let (SocketAddr::V4(peer), SocketAddr::V4(local)) = (peer, local) else { return None };
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    tables.iter().find_map(|table| find(&std::fs::read_to_string(table).ok()?, peer, local))
}

/// The line whose own address is `from` and whose other address is `to`.
fn find(table: &str, from: SocketAddrV4, to: SocketAddrV4) -> Option<u32> {
    let (from, to) = (ends(from), ends(to));
    table.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (own, other) = (words.nth(1)?, words.next()?);
        let matches = from.iter().any(|end| own.eq_ignore_ascii_case(end))
            && to.iter().any(|end| other.eq_ignore_ascii_case(end));
        // state, queues, timer, retransmits, then the user
        if matches { words.nth(4)?.parse().ok() } else { None }
    })
}

/// As the kernel writes it: hex of the four bytes in the machine's order; mapped into IPv6 for programs that use that.
fn ends(address: SocketAddrV4) -> [String; 2] {
    let number = u32::from_ne_bytes(Ipv4Addr::octets(address.ip()));
    let mapped = u32::from_ne_bytes([0, 0, 0xff, 0xff]);
    let port = address.port();
    [format!("{number:08X}:{port:04X}"), format!("0000000000000000{mapped:08X}{number:08X}:{port:04X}")]
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::owner;

    #[test]
    fn a_connection_has_an_owner_while_it_is_open() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap();
        let client = TcpStream::connect(local).unwrap();
        let (accepted, peer) = listener.accept().unwrap();
        assert_eq!(owner(peer, local), Some(rustix::process::getuid().as_raw()));
        let stranger = "127.0.0.1:1".parse().unwrap();
        assert_eq!(owner(stranger, local), None, "nobody here holds that connection");
        drop((client, accepted));
    }
}
