//! Forms that call a server function: by fetch once the page answers, by the browser itself before that. Either way the
//! server gets the same text, so nothing of a function's arguments is compiled into the page.

use std::ops::Deref;

use leptos::{
    ev::SubmitEvent,
    form::form_data_from_event,
    html,
    prelude::*,
    server_fn::{ServerFn, error::ServerFnUrlError},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{calls::protocol, error::UiError};

/// A call that forms make, and what came of it: an action whose input is the form as text.
pub struct FormCall<T: 'static> {
    path: &'static str,
    action: Action<String, Result<T, UiError>>,
}

impl<T> Clone for FormCall<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for FormCall<T> {}

impl<T> Deref for FormCall<T> {
    type Target = Action<String, Result<T, UiError>>;

    fn deref(&self) -> &Self::Target {
        &self.action
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> FormCall<T> {
    /// A call of server function `S`. What the server refused before scripts ran is its first value.
    pub fn of<S: ServerFn<Output = T, Error = UiError>>() -> Self {
        let path = S::PATH;
        let refused = use_context::<ServerActionError>()
            .filter(|error| error.path() == path)
            .map(|error| Err(ServerFnUrlError::decode_err(error.err())));
        let action = Action::new_with_value(refused, move |form: &String| {
            let answer = protocol::post(path, form.clone());
            async move { answer.await?.read() }
        });
        Self { path, action }
    }

    /// Makes the call without a form. `arguments` are those of the same server function.
    pub fn send<S: ServerFn<Output = T> + Serialize>(&self, arguments: &S) {
        // what a form cannot hold is refused by the server like any other form that it cannot read
        self.action.dispatch(protocol::form_text(arguments).unwrap_or_default());
    }

    /// The arguments that are on their way.
    pub fn sent<S: ServerFn<Output = T> + DeserializeOwned>(&self) -> Option<S> {
        self.action.input().with(|form| form.as_ref().and_then(|form| protocol::form_arguments(form)))
    }
}

/// A form around its fields. Its buttons send their own name and value too.
#[component]
pub fn CallForm<T: Send + Sync + 'static>(
    /// What it calls.
    action: FormCall<T>,
    /// Where the element is to be found.
    #[prop(optional)]
    node_ref: NodeRef<html::Form>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    form(
        action.path,
        Callback::new(move |text| {
            action.dispatch(text);
        }),
        node_ref,
        children(),
    )
}

fn form(path: &'static str, send: Callback<String>, node_ref: NodeRef<html::Form>, fields: AnyView) -> AnyView {
    let submit = move |event: SubmitEvent| {
        // without the form's data the browser posts it by itself
        if event.default_prevented() {
            return;
        }
        let Ok(data) = form_data_from_event(&event) else { return };
        let Ok(text) = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data) else { return };
        event.prevent_default();
        send.run(text.to_string().into());
    };
    view! {
        <form action=path method="post" on:submit=submit node_ref=node_ref>
            {fields}
        </form>
    }
    .into_any()
}
