//! The built handler in a machine's folders, called as an agent calls it.

mod application;
mod lifecycle;
mod machine;
mod probe;
