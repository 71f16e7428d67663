//! Tells the service manager that this program is ready (`sd_notify(3)`): what is ordered after it waits for that.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Says it, if anybody asked to be told.
pub fn tell() {
    let Some(address) = std::env::var_os("NOTIFY_SOCKET").and_then(|name| name.into_string().ok()) else { return };
    if let Err(error) = send(&address) {
        tracing::warn!(%error, "the service manager is not told that this program is ready");
    }
}

fn send(address: &str) -> std::io::Result<()> {
    let address = match address.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(address)?,
    };
    UnixDatagram::unbound()?.send_to_addr(b"READY=1", &address).map(drop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::send;

    #[test]
    fn the_manager_hears_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        send(path.to_str().unwrap()).unwrap();
        let mut heard = [0; 32];
        let size = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..size], b"READY=1");
    }
}
