//! Lab machines on this host, for real: as root they are overlays, as an ordinary user private copies.
//!
//! The agent is a shell script here (see `harness`): these tests are about machines, not about what runs in them.

mod apart;
mod bare;
mod harness;
mod life;
mod ordinary_user;
mod survival;
