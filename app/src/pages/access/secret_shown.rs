//! A secret that was just made: shown once, with the lines that use it.

use domain::access::{AccessView, NewSecret};
use leptos::prelude::*;

use crate::{
    components::command::Command,
    ui::{CopyButton, Icon},
};

/// The lines for the Azure CLI, filled in.
#[component]
pub(super) fn SecretShown(
    /// The secret.
    made: NewSecret,
    /// Where programs find the API.
    access: AccessView,
) -> impl IntoView {
    let name = made.principal.name.clone();
    let lines = access.api_url.as_ref().map(|api| {
        // shown only after a form was sent with scripts, so there is a browser
        let here = window().location().origin().unwrap_or_default();
        let authority = access.private_authority.then(|| format!("{here}/ca.pem"));
        made.sign_in_lines(api, authority.as_deref())
    });
    let how = match lines {
        Some(text) => view! { <Command text what="Sign the Azure CLI in" /> }.into_any(),
        None => view! {
            <p class="hint">
                "This portal is not served over TLS, and programs send secrets and tokens over nothing else. Start it with "
                <code>"--listen-tls"</code> ", or put a proxy with TLS in front of it."
            </p>
        }
        .into_any(),
    };
    let trust = access.private_authority.then(|| {
        view! {
            <p class="hint">
                "The portal's certificate comes from an authority of its own. The lines fetch it; "
                <a class="link" href="/ca.pem" download="annex-ca.pem">
                    "annex-ca.pem"
                </a> " is the same file, and " <code>"annex ca"</code> " prints it on the portal's host."
            </p>
        }
    });
    view! {
        <div class="card-body grid gap-4" id="secret-shown" role="status">
            <div class="banner" data-state="info">
                <Icon name="key" />
                <div class="grow min-w-0">
                    <strong>{format!("The secret of {name} is shown here once")}</strong>
                    <p>"The portal keeps only its hash. Copy it now; when it is lost, add another one."</p>
                </div>
            </div>
            <dl class="key-value is-wordy">
                <dt>"App id"</dt>
                <dd>{copied(made.principal.app_id.to_string(), "Copy the app id")}</dd>
                <dt>"Secret"</dt>
                <dd>{copied(made.secret.clone(), "Copy the secret")}</dd>
                <dt>"Tenant"</dt>
                <dd>{copied(made.installation.tenant_id.to_string(), "Copy the tenant")}</dd>
                <dt>"Subscription"</dt>
                <dd>{copied(made.installation.subscription_id.to_string(), "Copy the subscription")}</dd>
            </dl>
            {how}
            {trust}
        </div>
    }
    .into_any()
}

/// A value that somebody takes elsewhere.
pub(super) fn copied(text: String, label: &'static str) -> AnyView {
    view! {
        <span class="row !gap-1">
            <code class="break-all min-w-0">{text.clone()}</code>
            <CopyButton text label />
        </span>
    }
    .into_any()
}
