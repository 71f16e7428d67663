//! What a machine's row says about its extensions.

use domain::extension::{ExtensionCounts, ExtensionState};
use leptos::prelude::*;

use super::states::extension_look;
use crate::ui::{StateChip, count_of};

/// The worst state by name with how many are in it; that all are ready, or that there are none.
#[component]
pub fn ExtensionsChip(
    /// Extensions of one machine.
    extensions: ExtensionCounts,
) -> impl IntoView {
    let ExtensionCounts { total, worst, in_worst, updates } = extensions;
    let (state, icon, label) = match worst {
        None => return view! { <span class="text-subtle">"none"</span> }.into_any(),
        Some(ExtensionState::Ready) if updates > 0 => {
            ("update", "arrow-up", count_of(u64::from(updates), "update", "updates"))
        }
        Some(ExtensionState::Ready) => {
            return view! { <span class="text-muted">{format!("{total} ready")}</span> }.into_any();
        }
        Some(worst) => {
            let (look, icon) = extension_look(worst);
            (look, icon, format!("{in_worst} {}", worst.label().to_lowercase()))
        }
    };
    view! {
        <span class="row">
            <StateChip state icon label />
            <span class="meta hide-small">{format!("of {total}")}</span>
        </span>
    }
    .into_any()
}
