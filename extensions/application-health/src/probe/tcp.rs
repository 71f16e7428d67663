//! Does something take connections on a port?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Instant;

use super::{Finding, LIMIT};
use crate::machine::Observed;

/// The machine itself, in both families.
pub(super) const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// Connects to `port` in either family; connected is healthy, anything else is not.
pub(super) fn look(port: u16) -> Finding {
    let started = Instant::now();
    let mut reasons = Vec::new();
    for address in LOOPBACK {
        let left = LIMIT.saturating_sub(started.elapsed());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&SocketAddr::new(address, port), left) {
            Ok(_) => return Finding::new(Observed::Healthy, format!("port {port} takes connections")),
            Err(error) => reasons.push(format!("{address}: {error}")),
        }
    }
    Finding::new(Observed::Unhealthy, format!("port {port} takes no connections ({})", reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn an_open_port_is_healthy_and_a_closed_one_is_not() {
        for address in LOOPBACK {
            // a machine may have no IPv6
            let Ok(listener) = TcpListener::bind((address, 0)) else { continue };
            let port = listener.local_addr().unwrap().port();
            assert_eq!(look(port).observed, Observed::Healthy);
        }
        let closed = TcpListener::bind((LOOPBACK[0], 0)).unwrap().local_addr().unwrap().port();
        let finding = look(closed);
        assert_eq!(finding.observed, Observed::Unhealthy);
        assert!(finding.detail.contains("takes no connections (127.0.0.1: "), "{}", finding.detail);
    }
}
