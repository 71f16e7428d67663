//! Parts that know the domain's words.

pub mod activity_table;
pub mod agent_clock;
pub mod call_form;
pub mod cause_cluster;
pub mod command;
pub mod confirm;
pub mod connection;
pub mod doorway;
pub mod extension_table;
pub mod extensions_chip;
pub mod frame;
pub mod head;
pub mod impact;
pub mod log_viewer;
pub mod order_field;
pub mod part;
pub mod rights;
pub mod run_result;
pub mod settings_diff;
pub mod settings_doc;
pub mod settings_form;
pub mod settings_view;
pub mod span;
pub mod states;
pub mod step_list;
pub mod step_track;
