//! Binding everything before anything is said to be ready.

use tokio::net::UnixListener;

use super::{
    args::ServeArgs,
    programs::{self, Programs},
};
use crate::{cli::error::CliError, lab, listen::Listener};

/// The sockets of the flags, the network's first, and what programs find at them; with a lab, also the one that its machines see.
pub(super) async fn bind(args: &ServeArgs, lab: bool) -> Result<(Vec<Listener>, Programs), CliError> {
    let tls = if args.tls.is_on() { Some(args.acceptor()?) } else { None };
    let mut listeners = Vec::new();
    for address in &args.listen {
        let bound = Listener::tcp(*address, tls.clone()).await;
        listeners.push(bound.map_err(|error| CliError::io(format!("cannot listen on {address}"), error))?);
    }
    let programs = programs::bind(args, &mut listeners).await?;
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
    Ok((listeners, programs))
}
