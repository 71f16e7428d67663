//! The built handler in a machine's folders, called as an agent calls it.

mod crash;
mod download;
mod lifecycle;
mod machine;
mod run;
mod secrets;
