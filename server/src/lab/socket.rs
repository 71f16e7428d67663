//! The portal's socket, as machines see it.

use std::{
    fs, io,
    os::{fd::AsRawFd, unix::fs::PermissionsExt, unix::net::UnixListener},
    path::Path,
};

use super::folders::LabFolders;

/// Where a machine finds the portal.
pub(super) const SOCKET_IN_MACHINE: &str = "/run/annex/portal.sock";
/// The socket's name in its folder.
pub(super) const SOCKET_NAME: &str = "portal.sock";

/// Listens where lab machines look for the portal: `<data>/lab/portal/portal.sock`. A socket that an earlier server
/// left is replaced; machines that still run find the new one. Only the server's user (root in machines) may connect.
///
/// Errors: the folder cannot be made or written.
pub fn listen(data_dir: &Path) -> io::Result<UnixListener> {
    let folders = LabFolders::make(data_dir)?;
    let socket = folders.portal.join(SOCKET_NAME);
    match fs::remove_file(&socket) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    // A socket address holds 107 bytes and data folders may lie deep, so the folder is named by descriptor.
    let folder = fs::File::open(&folders.portal)?;
    let listener = UnixListener::bind(format!("/proc/self/fd/{}/{SOCKET_NAME}", folder.as_raw_fd()))?;
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}
