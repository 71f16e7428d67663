//! Talking to the server: HTTP/1.1 over TCP, TLS or a unix socket.
//!
//! A [`Connection`] is one kept-alive connection for one purpose (polling, reporting, fetching), so a held request
//! never stands in the way of another. Whatever goes to the server's own address carries the machine's credential;
//! other addresses (a package store) never see it.

mod address;
mod backoff;
mod body;
mod connection;
mod error;
mod server;
mod stream;
mod tls;

pub use address::{Address, BadAddress};
pub use backoff::Backoff;
pub use connection::{Answer, Connection, Request};
pub use error::TransportError;
pub use server::Server;
