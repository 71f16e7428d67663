//! What a machine's row says about its extensions.

use domain::extension::{ExtensionCounts, ExtensionState};
use maud::{Markup, html};

use super::states::extension_look;
use crate::ui::{Weight, count_of, state_chip};

/// The worst state by name with how many are in it; that all are ready, or that there are none.
pub fn extensions_chip(extensions: ExtensionCounts) -> Markup {
    let ExtensionCounts { total, worst, in_worst, updates } = extensions;
    let (look, label) = match worst {
        None => return html! { span class="text-subtle" { "none" } },
        Some(ExtensionState::Ready) if updates > 0 => {
            (("update", "arrow-up"), count_of(u64::from(updates), "update", "updates"))
        }
        Some(ExtensionState::Ready) => return html! { span class="text-muted" { (total) " ready" } },
        Some(worst) => (extension_look(worst), format!("{in_worst} {}", worst.label().to_lowercase())),
    };
    html! {
        span class="row" {
            (state_chip(look, &label, Weight::Usual))
            span class="meta hide-small" { "of " (total) }
        }
    }
}
