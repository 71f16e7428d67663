//! Small parts that know nothing of the domain's rules: they show what they are given.

mod button;
mod clock;
mod copy;
mod empty;
mod field;
mod filter_bar;
mod icon;
mod lasting;
mod load;
mod number;
mod page_head;
mod pagination;
mod state_chip;
mod still;
mod table;
mod tabs;
mod toast;
mod while_same;

pub use button::{SubmitButton, SubmitKind};
pub use clock::{Ago, Clock, ago, clock_text, provide_clock, use_clock};
pub use copy::CopyButton;
pub use empty::{EmptyState, Skeleton};
pub use field::{Field, describe, textarea_html};
pub use filter_bar::FilterBar;
pub use icon::{Icon, icon};
pub use lasting::{Lasting, lasting};
pub use load::{again_later, failed, loaded, ready, waiting};
pub use number::{bytes, count_of, millis};
pub use page_head::{Crumbs, PageHead};
pub use pagination::{Pagination, page_asked, page_query};
pub use state_chip::{StateChip, Weight, state_chip};
pub use still::{Still, still};
pub use table::{head, list_table, still_table};
pub use tabs::Tabs;
pub use toast::{ToastStack, Toasts, provide_toasts, use_toasts};
pub use while_same::Place;
