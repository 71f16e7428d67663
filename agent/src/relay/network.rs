//! The addresses that waagent insists on, in a network namespace of the relay's own.
//!
//! ```text
//!  the machine                                       the relay's namespace (gone with the relay's process)
//!   waagent ──► 168.63.129.16 ──route──► annex0 ═══ veth ═══ relay0   168.63.129.16/31, 169.254.169.254
//!                              168.63.129.17/31                ├─ :80     WireServer
//!                                                              └─ :32526  HostGAPlugin
//! ```
//! A namespace of its own keeps the ports apart from a web server that holds port 80 of every address of the machine; it
//! goes with the relay, however that ends. The route makes `10813FA8` appear in `/proc/net/route`, which is how every
//! version of waagent finds its server (wire protocol, section 1).
//!
//! Behind that route stands another one, `unreachable`, which stays until the next boot or [`forget`]. While no relay runs
//! it keeps waagent's questions on the machine (168.63.129.16 is an address of Azure's on the Internet), lets them fail
//! at once instead of after 31 s, and keeps a waagent that starts in that moment from asking DHCP for minutes.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::process::{Command, Output};
use std::time::Duration;

use rustix::thread::{UnshareFlags, unshare_unsafe};

/// WireServer and HostGAPlugin.
pub const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
/// Instance metadata.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// The machine's own end: every request from inside the machine comes from here.
pub const MACHINE: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 17);
/// The machine's interface.
pub const INTERFACE: &str = "annex0";
const INNER: &str = "relay0";
const HTTP: u16 = 80;
const HOST_PLUGIN: u16 = 32526;
/// Metric of the routes behind ours: any route that somebody makes on purpose comes before them.
const BEHIND: u32 = 1_000_000;
/// A namespace whose process was just killed goes a moment later.
const STALE_PATIENCE: u32 = 40;
const STALE_PAUSE: Duration = Duration::from_millis(50);

/// Where the relay listens.
#[derive(Debug)]
pub struct Listeners {
    /// WireServer.
    pub wire_server: TcpListener,
    /// HostGAPlugin.
    pub host_plugin: TcpListener,
    /// Instance metadata; absent on machines where somebody else answers there.
    pub metadata: Option<TcpListener>,
}

/// The addresses cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The namespace was refused.
    #[error(
        "cannot make a network namespace for {WIRE_SERVER}: {0}; the relay needs root with CAP_SYS_ADMIN and \
         CAP_NET_ADMIN. In a container without them run `annex-agent run` instead of waagent"
    )]
    Namespace(io::Error),
    /// `ip` said no.
    #[error("`ip {arguments}` failed: {reason}")]
    Ip {
        /// What was asked.
        arguments: String,
        /// What it said.
        reason: String,
    },
    /// A port cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddrV4,
        /// What the system said.
        source: io::Error,
    },
    /// Azure itself is the WireServer here.
    #[error(
        "{WIRE_SERVER} is answered by somebody else here: this machine runs in Azure, whose own agent service waagent \
         belongs to. Use `annex-agent run` beside it"
    )]
    Taken,
}

/// Makes namespace, interfaces, addresses and routes, and listens. Blocks for some milliseconds.
///
/// # Errors
/// Rights are missing, `ip` is missing, or the address is in use by Azure itself.
pub fn open(with_metadata: bool) -> Result<Listeners, NetworkError> {
    let host = std::process::id().to_string();
    // A thread enters the namespace; its sockets stay there, and the process stays where it is.
    let inside = std::thread::Builder::new().name("relay-network".into());
    let inside = inside.spawn(move || {
        enter().map_err(|error| NetworkError::Namespace(error.into()))?;
        ip("link set lo up")?;
        pair(&host)?;
        ip(&format!("address add {WIRE_SERVER}/31 dev {INNER}"))?;
        if with_metadata {
            ip(&format!("address add {METADATA}/32 dev {INNER}"))?;
        }
        ip(&format!("link set {INNER} up"))?;
        Ok(Listeners {
            wire_server: listen(WIRE_SERVER, HTTP)?,
            host_plugin: listen(WIRE_SERVER, HOST_PLUGIN)?,
            metadata: with_metadata.then(|| listen(METADATA, HTTP)).transpose()?,
        })
    });
    let inside = inside.map_err(NetworkError::Namespace)?;
    let listeners = inside.join().map_err(|_| NetworkError::Namespace(io::Error::other("the thread ended")))??;
    ip(&format!("address replace {MACHINE}/31 dev {INTERFACE}"))?;
    ip(&format!("link set {INTERFACE} up"))?;
    ip(&format!("route replace {WIRE_SERVER}/32 dev {INTERFACE} src {MACHINE}"))?;
    ip(&format!("route replace unreachable {WIRE_SERVER}/32 metric {BEHIND}"))?;
    if with_metadata {
        ip(&format!("route replace {METADATA}/32 dev {INTERFACE} src {MACHINE}"))?;
        ip(&format!("route replace unreachable {METADATA}/32 metric {BEHIND}"))?;
    }
    Ok(listeners)
}

/// Takes away the routes that stay when the relay ends. What is not there is not missed.
pub fn forget() {
    for address in [WIRE_SERVER, METADATA] {
        if let Err(error) = ip(&format!("route delete unreachable {address}/32 metric {BEHIND}")) {
            tracing::debug!(%error, "a route was not there");
        }
    }
}

/// Whether the interface is still as [`open`] left it: somebody may have restarted the machine's network.
#[must_use]
pub fn intact() -> bool {
    let routes = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
    routes.lines().any(|line| line.starts_with(INTERFACE) && line.contains("10813FA8"))
}

#[expect(unsafe_code, reason = "unshare is unsafe only for UnshareFlags::FILES, which is not passed")]
fn enter() -> rustix::io::Result<()> {
    // SAFETY: without FILES the table of descriptors stays shared with the other threads.
    unsafe { unshare_unsafe(UnshareFlags::NEWNET) }
}

/// The veth pair: one end here, the other in the network of process `host`.
fn pair(host: &str) -> Result<(), NetworkError> {
    let arguments = format!("link add {INNER} type veth peer name {INTERFACE} netns {host}");
    let mut tries = 0;
    loop {
        match ip(&arguments) {
            Err(NetworkError::Ip { reason, .. }) if reason.contains("exists") && tries < STALE_PATIENCE => {
                tries += 1;
                std::thread::sleep(STALE_PAUSE);
            }
            other => return other,
        }
    }
}

fn listen(address: Ipv4Addr, port: u16) -> Result<TcpListener, NetworkError> {
    let address = SocketAddrV4::new(address, port);
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(|source| NetworkError::Listen { address, source })
}

fn ip(arguments: &str) -> Result<(), NetworkError> {
    let failed = |reason: String| NetworkError::Ip { arguments: arguments.to_owned(), reason };
    let Output { status, stderr, .. } = Command::new("ip")
        .args(arguments.split(' '))
        .output()
        .map_err(|error| failed(format!("{error}; install the package iproute2 (iproute on RHEL)")))?;
    if status.success() { Ok(()) } else { Err(failed(String::from_utf8_lossy(&stderr).trim().to_owned())) }
}
