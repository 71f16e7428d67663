//! Binding everything before anything is said to be ready.

use tokio::net::UnixListener;

use super::args::{ServeArgs, TlsMode};
use crate::{
    cli::error::CliError,
    lab,
    listen::{Listener, acceptor_from_files, acceptor_from_local_ca},
};

/// The sockets of the flags, the network's first; with a lab, also the one that its machines see.
pub(super) async fn bind(args: &ServeArgs, lab: bool) -> Result<Vec<Listener>, CliError> {
    let tls = match (args.tls, &args.tls_cert, &args.tls_key) {
        (TlsMode::Files, Some(certificate), Some(key)) => Some(acceptor_from_files(certificate, key)?),
        (TlsMode::LocalCa, ..) => {
            Some(acceptor_from_local_ca(&args.installation.authority(), &args.certificate_names())?)
        }
        _ => None,
    };
    let mut listeners = Vec::new();
    for address in &args.listen {
        let bound = Listener::tcp(*address, tls.clone()).await;
        listeners.push(bound.map_err(|error| CliError::io(format!("cannot listen on {address}"), error))?);
    }
    if let Some(path) = &args.agent_socket {
        let bound = Listener::unix(path).await;
        listeners.push(bound.map_err(|error| CliError::io(format!("cannot listen on {}", path.display()), error))?);
    }
    if lab {
        let bound = lab::listen(&args.installation.data).and_then(|socket| {
            socket.set_nonblocking(true)?;
            UnixListener::from_std(socket)
        });
        listeners.push(Listener::Unix(bound.map_err(|error| CliError::io("cannot listen for lab machines", error))?));
    }
    Ok(listeners)
}
