//! Operations: accepting them, moving them, showing them.
//!
//! | file | question |
//! |---|---|
//! | `accept` | may it start, and what is written when it does |
//! | `driver` | how an observation moves a target, and what follows when it ends |
//! | `records`, `reports`, `requests` | what agents send and ask for, as observations |
//! | `cancel`, `retry` | what people do to an accepted operation |
//! | `view` | what pages show |

pub(crate) mod accept;
mod calls;
pub(crate) mod cancel;
pub(crate) mod driver;
pub(crate) mod records;
pub(crate) mod reports;
mod requests;
mod retry;
mod rights;
pub(crate) mod view;
