//! Short notes that appear over the page: only about something that happened just now and needs no answer.

use leptos::prelude::*;

use super::Icon;

#[derive(Clone)]
struct Toast {
    id: u32,
    state: &'static str,
    text: String,
}

/// Puts notes on the page.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<Toast>>);

impl Toasts {
    /// Shows a note. `state` colours it: `ready`, `info`, `failed`. It stays until closed, four at most.
    pub fn push(self, state: &'static str, text: impl Into<String>) {
        self.0.update(|list| {
            let id = list.last().map_or(0, |t| t.id + 1);
            list.push(Toast { id, state, text: text.into() });
            let over = list.len().saturating_sub(4);
            list.drain(..over);
        });
    }
}

/// Makes [`use_toasts`] work below this component.
pub fn provide_toasts() {
    provide_context(Toasts(RwSignal::new(Vec::new())));
}

/// Where notes go.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// The notes; once, in the frame.
#[component]
pub fn ToastStack() -> impl IntoView {
    let list = use_toasts().0;
    view! {
        <div class="toast-stack" role="status" aria-live="polite">
            <For each=move || list.get() key=|toast| toast.id let:toast>
                <div class="toast" data-state=toast.state>
                    <Icon name=if toast.state == "failed" { "warn" } else { "info" } />
                    <p>{toast.text}</p>
                    <button
                        type="button"
                        class="btn btn-ghost btn-icon btn-sm"
                        aria-label="Close note"
                        on:click=move |_| list.update(|list| list.retain(|t| t.id != toast.id))
                    >
                        <Icon name="cross" class="icon-14" />
                    </button>
                </div>
            </For>
        </div>
    }
    .into_any()
}
