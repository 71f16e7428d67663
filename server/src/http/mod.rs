//! What every request goes through, whichever transport answers it.
//!
//! ```text
//!  request ─► rewrite (addresses as the router knows them) ─► observe (id, span, one log line, panics, figures) ─► security_headers ─► slow_body ─► session
//!          ─► guard (authorization table, deny by default; same_origin for cookie routes) ─► handler
//! ```

pub mod explain;
pub mod guard;
pub mod observe;
pub mod origin;
pub mod refuse_program;
pub mod remote;
pub mod rewrite;
pub mod same_origin;
pub mod security_headers;
pub mod slow_body;
pub mod small_bodies;
