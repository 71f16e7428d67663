//! The button of a form.

use domain::fault::Fault;
use leptos::prelude::*;

use super::Icon;

/// How strong a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubmitKind {
    /// The one thing this view is for.
    Primary,
    /// Anything else.
    #[default]
    Plain,
    /// Takes something away; outlined.
    Danger,
    /// The last click of a confirmation.
    DangerSolid,
}

impl SubmitKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Plain => "btn",
            Self::Danger => "btn btn-danger",
            Self::DangerSolid => "btn btn-danger-solid",
        }
    }
}

/// Sends its form. With a `refusal` it stays visible and focusable, does nothing, and its reason stands beside it.
#[component]
pub fn SubmitButton(
    /// Unique on the page; names the reason's element.
    #[prop(into)]
    id: String,
    /// Verb and object: "Install on 3 machines".
    #[prop(into)]
    label: Signal<String>,
    /// Symbol id.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// How strong.
    #[prop(optional)]
    kind: SubmitKind,
    /// More classes, for example `btn-sm`.
    #[prop(optional)]
    class: &'static str,
    /// Why it cannot be done.
    #[prop(optional, into)]
    refusal: Signal<Option<Fault>>,
    /// True while the request is on its way.
    #[prop(optional, into)]
    pending: Signal<bool>,
) -> impl IntoView {
    let reason_id = format!("{id}-why");
    let described = reason_id.clone();
    let off = move || refusal.with(Option::is_some) || pending.get();
    view! {
        <button
            id=id
            type=move || if refusal.with(Option::is_some) { "button" } else { "submit" }
            class=format!("{} {class}", kind.class())
            aria-disabled=move || off().then_some("true")
            aria-describedby=move || refusal.with(Option::is_some).then(|| described.clone())
            on:click=move |event| {
                if off() {
                    event.prevent_default();
                }
            }
        >
            {move || {
                if pending.get() {
                    Some(view! { <Icon name="arc" class="icon-14 spin" /> }.into_any())
                } else {
                    icon.map(|icon| view! { <Icon name=icon class="icon-14" /> }.into_any())
                }
            }}
            {move || label.get()}
        </button>
        {move || {
            refusal
                .get()
                .map(|fault| {
                    view! {
                        <p class="hint row reason" id=reason_id.clone()>
                            <Icon name="lock" class="icon-14" />
                            <span>{fault.message}</span>
                        </p>
                    }
                })
        }}
    }
    .into_any()
}
