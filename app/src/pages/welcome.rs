//! The printed link of a fresh portal: the first owner sets a name and a password. It works once.

use domain::actor::PASSWORD_SHORTEST;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    components::doorway::{Doorway, DoorwayError},
    paths,
    ui::{Field, describe},
};

/// What to say for a refusal: at the field it is about, or above the form.
fn explain(code: &str, field: &str) -> String {
    match (field, code) {
        ("name", _) => "1 to 64 letters, digits, dots, hyphens, underscores or @ signs.".into(),
        ("password", _) => format!("Use at least {PASSWORD_SHORTEST} characters, at most 256 bytes."),
        (_, "TooManyRequests") => "Too many tries. Wait a minute, then try again.".into(),
        _ => "This link was used already, or belongs to an earlier start of the server. If this portal has an owner, \
              sign in; otherwise start the server again: it prints a new link."
            .into(),
    }
}

/// `?token=` from the link; after a refusal also `error`, `field` and `name`.
#[component]
pub fn WelcomePage() -> impl IntoView {
    let query = use_query_map();
    let get = move |key: &str| query.read().get(key).unwrap_or_default();
    let at = move |field: &'static str| {
        Signal::derive(move || {
            let (code, refused) = (get("error"), get("field"));
            if refused == field && !code.is_empty() { vec![explain(&code, field)] } else { Vec::new() }
        })
    };
    let (name_errors, password_errors) = (at("name"), at("password"));
    let invalid = |errors: Signal<Vec<String>>| move || errors.with(|e| !e.is_empty()).then_some("true");
    let general = move || {
        let (code, field) = (get("error"), get("field"));
        let elsewhere = !code.is_empty() && field != "name" && field != "password";
        elsewhere.then(|| explain(&code, "")).or_else(|| {
            get("token").is_empty().then(|| "Open the link that the server printed when it started.".into())
        })
    };
    let typed_name = move || Some(get("name")).filter(|n| !n.is_empty()).unwrap_or_else(|| "owner".into());
    let note = view! {
        <a class="quiet-link" href=paths::SIGN_IN>
            "Sign in instead"
        </a>
    }
    .into_any();
    view! {
        <Title text="Welcome" />
        <Doorway note=note>
            <form class="p-6 grid gap-4" method="post" action=paths::WELCOME aria-labelledby="welcome-title">
                <div>
                    <h1 id="welcome-title" class="!text-card">
                        "Welcome to Annex"
                    </h1>
                    <p class="hint mt-1">"You become the first Owner. Choose how you sign in from now on."</p>
                </div>
                {move || general().map(|text| view! { <DoorwayError heading="This does not work" text /> })}
                <input type="hidden" name="token" value=move || get("token") />
                <Field id="name" label="Name" errors=name_errors>
                    <input
                        class="input"
                        id="name"
                        name="name"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        value=typed_name
                        aria-describedby=describe("name")
                        aria-invalid=invalid(name_errors)
                    />
                </Field>
                <Field
                    id="password"
                    label="Password"
                    hint=format!("At least {PASSWORD_SHORTEST} characters. Any characters; a sentence is good.")
                    errors=password_errors
                >
                    <input
                        class="input"
                        id="password"
                        name="password"
                        type="password"
                        autocomplete="new-password"
                        minlength=PASSWORD_SHORTEST.to_string()
                        required
                        aria-describedby=describe("password")
                        aria-invalid=invalid(password_errors)
                    />
                </Field>
                <button type="submit" class="btn btn-primary btn-lg w-full">
                    "Set password and enter"
                </button>
            </form>
        </Doorway>
    }
    .into_any()
}
