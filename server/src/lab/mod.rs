//! The lab: machines in namespaces on the portal's own host.
//!
//! A lab machine is a real `annex-agent` that enrols like any other; only its power is in our hands.
//!
//! ```text
//!  annex serve ── start ──► annex lab-boot ── unshare, cgroup ──► annex lab-init (process 1 of the machine)
//!   │    ▲                   │ writes machine.json, answers,        │ mounts, pivots, drops rights, says "ready"
//!   │    └──── one JSON line ┘ ends                                  └─► annex-agent enrol, then annex-agent run,
//!   │                                                                    again 3 s after each end
//!   ├── stop ── SIGTERM, after a while SIGKILL, to process 1: the kernel ends everything in the machine
//!   └── killed: machines go on; the next start finds them by machine.json (process id + start time + boot id)
//! ```
//!
//! What the kernel says counts, nothing is remembered: a machine runs when its process 1 does.
//!
//! On disk, under `<data>/lab/`:
//! ```text
//!  portal/portal.sock        where the server listens; the folder is bound into every machine as /run/annex
//!  <id>/machine.json         process 1, while it runs          <id>/console.log   what init and agent print
//!  <id>/disk/                what the machine wrote: overlay layers, or private copies of /etc, /var, /home, ...
//!  <id>/root                 where its root is mounted (in its own namespace only: looks empty from outside)
//! ```
//!
//! Where to start reading: [`Lab`], then `process::boot`, then `process::init`.

mod config;
mod error;
mod folders;
mod isolation;
mod machine;
mod method;
mod process;
mod socket;

pub use config::LabConfig;
pub use error::LabError;
pub use machine::Lab;
pub use process::run_inner_command;
pub use socket::listen;
