//! The only place that words errors on pages.

use domain::fault::{Fault, FaultKind};
use leptos::prelude::*;
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::ui::Icon;

/// A fault on its way to a page. A newtype, because neither `Fault` nor Leptos's error trait is this crate's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UiError(pub Fault);

impl From<Fault> for UiError {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl std::fmt::Display for UiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for UiError {}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        Self(match error {
            E::Request(_) | E::Response(_) => Fault::new(
                FaultKind::Unavailable,
                "ConnectionLost",
                "The portal could not be reached. What you typed is still here; try again when it is back.",
            ),
            E::Args(what) | E::MissingArg(what) => Fault::new(
                FaultKind::Invalid,
                "InvalidParameter",
                format!("The portal could not read the form: {what}."),
            ),
            E::Deserialization(_) | E::Serialization(_) => Fault::new(
                FaultKind::Unavailable,
                "UnexpectedAnswer",
                "The portal's answer could not be read. It may have been updated: reload the page.",
            ),
            other => Fault::new(FaultKind::Internal, "InternalServerError", other.to_string()),
        })
    }
}

/// The HTTP status for a kind of fault.
pub const fn http_status(kind: FaultKind) -> u16 {
    match kind {
        FaultKind::Invalid => 422,
        FaultKind::Unauthenticated => 401,
        FaultKind::Forbidden => 403,
        FaultKind::NotFound => 404,
        FaultKind::Conflict => 409,
        FaultKind::Stale => 412,
        FaultKind::TooMany => 429,
        FaultKind::Unavailable => 503,
        FaultKind::Internal => 500,
    }
}

/// What happened in two or three words: the heading of an error card.
pub const fn fault_heading(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Invalid => "Something in it is not right",
        FaultKind::Unauthenticated => "You are signed out",
        FaultKind::Forbidden => "You may not do this",
        FaultKind::NotFound => "Not found",
        FaultKind::Conflict => "Not possible now",
        FaultKind::Stale => "Changed meanwhile",
        FaultKind::TooMany => "Too many tries",
        FaultKind::Unavailable => "The portal cannot do this now",
        FaultKind::Internal => "Something went wrong in Annex",
    }
}

/// A fault as a card in the page: what happened, single findings, code, and the number to quote.
#[component]
pub fn FaultView(
    /// What went wrong.
    #[prop(into)]
    fault: Fault,
    /// Heading instead of the one for the fault's kind.
    #[prop(optional, into)]
    heading: Option<String>,
) -> impl IntoView {
    let heading = heading.unwrap_or_else(|| fault_heading(fault.kind).to_owned());
    let signed_out = fault.kind == FaultKind::Unauthenticated;
    view! {
        <section class="inline-error" role="alert">
            <div class="row !items-start" data-state="failed">
                <Icon name="warn" class="state-text mt-0.5" />
                <div>
                    <h2>{heading}</h2>
                    <p class="hint">{fault.message}</p>
                    <FindingList findings=fault.details />
                </div>
            </div>
            {signed_out.then(|| view! { <p><a class="btn" rel="external" href=crate::paths::SIGN_IN>"Sign in"</a></p> })}
            <p class="facts">
                <span>"Code "<code>{fault.code}</code></span>
                {fault.reference.map(|reference| view! { <span>"Reference "<code>{reference}</code></span> })}
            </p>
        </section>
    }
    .into_any()
}

/// Single findings of a fault as a list; nothing when there are none.
#[component]
pub fn FindingList(
    /// The findings.
    findings: Vec<Fault>,
) -> impl IntoView {
    (!findings.is_empty()).then(|| {
        view! {
            <ul class="hint list-disc ps-5 mt-1">
                {findings
                    .into_iter()
                    .map(|finding| {
                        view! {
                            <li>
                                {finding.target.map(|target| view! { <code>{target}</code> ": " })}
                                {finding.message}
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
    })
}

/// A fault in one line at a control, for example under a button that was pressed.
#[component]
pub fn FaultLine(
    /// What went wrong.
    fault: Fault,
) -> impl IntoView {
    view! {
        <p class="field-error" role="alert">
            <Icon name="warn" class="icon-14" />
            <span>{fault.message}</span>
        </p>
    }
    .into_any()
}

/// Messages for one form field, from the fault of the last try.
pub fn field_messages(fault: Option<&Fault>, target: &str) -> Vec<String> {
    fault.map(|f| f.messages_for(target)).unwrap_or_default()
}

/// The last failure of an action, if the last thing it did was to fail.
pub fn action_fault<T: Clone + Send + Sync + 'static>(
    value: MappedSignal<Option<Result<T, UiError>>>,
) -> Signal<Option<Fault>> {
    Signal::derive(move || value.with(|v| v.as_ref().and_then(|r| r.as_ref().err()).map(|e| e.0.clone())))
}
