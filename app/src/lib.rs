//! Annex: the portal's pages, rendered on the server and hydrated in the browser.
//!
//! ```text
//!  GET /vms ──► shell() ──► App ──► Frame ──► a page ──► calls::* ──► domain::portal   (on the server: a plain call)
//!                                                            ▲
//!  browser ── hydrates the same tree ── calls::* over /api ──┘        live::LiveHub: one EventSource on /live
//! ```
//!
//! Start reading at [`pages`] (every page and its address), then [`paths`], then [`calls`]. Rules: a page holds no
//! rule of its own (ask `domain`), words errors only through [`error`], and works by links and forms before hydration.
#![recursion_limit = "512"]

pub mod app;
pub mod calls;
pub mod components;
pub mod error;
pub mod live;
pub mod pages;
pub mod paths;
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod typed;
pub mod ui;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
