//! Signing in: a plain form to the server, so that it works before hydration and without scripts.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    components::doorway::{Doorway, DoorwayError},
    paths,
    ui::{Field, describe},
};

/// What to say for the code of a refused try. Never whether the name exists.
fn explain(code: &str) -> (&'static str, &'static str) {
    match code {
        "TooManyRequests" => ("Too many tries", "Wait a minute, then try again. Tries count by name and by address."),
        "ServiceUnavailable" | "OutcomeUnknown" => {
            ("The portal cannot check this now", "Its database does not answer. Nothing was lost; try again shortly.")
        }
        "InsufficientStorage" => (
            "The portal cannot sign you in now",
            "The disk that holds its data is full. Its owner has to free space there; then this works again.",
        ),
        _ => ("Name or password is wrong", "Check both. After several wrong tries there is a pause."),
    }
}

/// Signing in. `?error=` a code, `?name=` what was typed, `?next=` where to go on.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let get = move |key: &str| query.read().get(key).unwrap_or_default();
    let next = move || paths::local_or_home(&get("next")).to_owned();
    let note = "No account? An Owner of this portal makes one under Access.".into_any();
    view! {
        <Title text="Sign in" />
        <Doorway note=note>
            <form class="p-6 grid gap-4" method="post" action=paths::SIGN_IN_POST aria-labelledby="sign-in-title">
                <div>
                    <h1 id="sign-in-title" class="!text-card">
                        "Sign in"
                    </h1>
                    <p class="hint mt-1">"Extensions for your machines, on your own network."</p>
                </div>
                {move || {
                    let code = get("error");
                    (!code.is_empty())
                        .then(|| {
                            let (heading, text) = explain(&code);
                            view! { <DoorwayError heading text /> }
                        })
                }}
                <input type="hidden" name="next" value=next />
                <Field id="name" label="Name">
                    <input
                        class="input"
                        id="name"
                        name="name"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        value=move || get("name")
                        aria-describedby=describe("name")
                    />
                </Field>
                <Field id="password" label="Password">
                    <input
                        class="input"
                        id="password"
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        required
                        aria-describedby=describe("password")
                    />
                </Field>
                <button type="submit" class="btn btn-primary btn-lg w-full">
                    "Sign in"
                </button>
            </form>
        </Doorway>
    }
    .into_any()
}
