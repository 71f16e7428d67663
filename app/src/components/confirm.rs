//! Asking before something that cannot be taken back. A native `<dialog>`; before hydration the same dialog comes with the
//! page, by its address (`?confirm=<id>`).

use domain::fault::Fault;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

use crate::ui::{Icon, lasting};

/// The control that asks, and the question.
#[component]
pub fn Confirm(
    /// Names the question in the address; unique on the page.
    #[prop(into)]
    id: String,
    /// Words on the control, for example "Remove…".
    #[prop(into)]
    label: String,
    /// Icon on the control.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// Classes of the control.
    #[prop(default = "btn btn-danger")]
    class: &'static str,
    /// The question.
    #[prop(into)]
    title: String,
    /// Why it cannot be done now: the control is disabled and says so.
    #[prop(optional_no_strip)]
    refused: Option<Fault>,
    /// Words on the button that leaves everything as it is.
    #[prop(default = "Keep it")]
    keep: &'static str,
    /// Turns true when it was done: the question closes.
    #[prop(optional, into)]
    done: Signal<bool>,
    /// The form with the button that does it; stands at the foot.
    deed: AnyView,
    /// What will happen, in words.
    children: Children,
) -> impl IntoView {
    let reason_id = format!("{id}-reason");
    if let Some(fault) = refused {
        return view! {
            <span class="contents">
                <button type="button" class=class aria-disabled="true" aria-describedby=reason_id.clone()>
                    {icon.map(|icon| view! { <Icon name=icon class="icon-14" /> })}
                    {label}
                </button>
                <span class="field-hint basis-full" id=reason_id>
                    {fault.message}
                </span>
            </span>
        }
        .into_any();
    }
    let dialog = NodeRef::<html::Dialog>::new();
    let query = use_query_map();
    let asked = query.with_untracked(|q| q.get("confirm").is_some_and(|c| c == id));
    let title_id = format!("{id}-title");
    let labelled = title_id.clone();
    Effect::new(move |_| {
        if done.get()
            && let Some(dialog) = dialog.get_untracked()
        {
            dialog.close();
        }
    });
    let open = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close(); // it may stand open in the page since before hydration
            let _ = dialog.show_modal();
        }
    };
    view! {
        <a class=class href=format!("?confirm={id}") aria-haspopup="dialog" on:click=open>
            {icon.map(|icon| view! { <Icon name=icon class="icon-14" /> })}
            {label}
        </a>
        <dialog
            id=id
            class="dialog m-auto whitespace-normal text-start backdrop:bg-[var(--overlay)]"
            {..lasting("open", asked)}
            aria-labelledby=labelled
            node_ref=dialog
        >
            <header>
                <h2 id=title_id class="!text-card">
                    {title}
                </h2>
            </header>
            <div class="body">{children()}</div>
            <footer>
                <form method="dialog">
                    <button class="btn">{keep}</button>
                </form>
                {deed}
            </footer>
        </dialog>
    }
    .into_any()
}
