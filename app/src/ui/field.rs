//! A form field: label, control, hint, messages.

use leptos::prelude::*;

use super::Icon;

/// What `aria-describedby` of the control inside a [`Field`] with this `id` must say.
pub fn describe(id: &str) -> String {
    format!("{id}-hint {id}-error")
}

/// `text` as the content of a `<textarea>`, for `inner_html`. A child would not do: Leptos writes an empty one as a space,
/// and then no placeholder shows.
pub fn textarea_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Label above, control (`children`, with `id` and [`describe`]`(id)`), hint and messages below.
#[component]
pub fn Field(
    /// The control's id.
    #[prop(into)]
    id: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// Says "required" beside the label.
    #[prop(optional)]
    required: bool,
    /// One sentence below.
    #[prop(optional, into)]
    hint: String,
    /// Messages from the last check.
    #[prop(optional, into)]
    errors: Signal<Vec<String>>,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
    /// The control.
    children: Children,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class=format!("field {class}")>
            <label class="field-label" for=id>
                {label}
                {required.then(|| view! { <span class="req">"required"</span> })}
            </label>
            {children()}
            <div id=error_id aria-live="polite">
                {move || {
                    errors
                        .get()
                        .into_iter()
                        .map(|message| {
                            view! {
                                <p class="field-error">
                                    <Icon name="warn" class="icon-14" />
                                    <span>{message}</span>
                                </p>
                            }
                        })
                        .collect_view()
                }}
            </div>
            <p class="field-hint" id=hint_id>{hint}</p>
        </div>
    }
    .into_any()
}
