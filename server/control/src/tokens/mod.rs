//! Tokens of programs and machines: signed here, checked here, and worth nothing without a look at whom they stand for.
//!
//! ```text
//!  app id + secret ─► issue ────────────┐                       ┌─ signature, once for each token ─┐
//!  machine's credential ─► for_machine ─┴─► JWT (RS256, 1 h) ─► check ─ time, audience, tenant ────┼─► Actor
//!                                            ▲                  └─ standing: enabled, stamp, roles ─┘
//!                        token_keys (30 days, sealed) ── discovery/keys
//! ```
//! A token says who somebody is and nothing about what he may do: that is read each time, so taking it away works at once.

mod audience;
mod check;
mod claims;
mod for_machine;
mod issue;
mod key_pair;
mod keys;
mod ring_rsa;
mod standing;

pub(crate) use self::{check::Checked, keys::KEY_KEPT_MS, standing::Standing};
pub use self::{
    claims::token_issuer,
    issue::{IssuedToken, ProgramCredentials},
    keys::PublicTokenKey,
};
