//! Who is asking, and how the answer should look: what the server knows of one request.

use serde::{Deserialize, Serialize};

/// How the portal is coloured; kept in the cookie `theme`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the browser asks.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All themes.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in the cookie and in the form of `POST /theme`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads [`Self::code`] back; anything else is [`Theme::System`].
    pub fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.code() == code).unwrap_or_default()
    }

    /// The class on `<html>`.
    pub const fn class(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the server provides to every page and server function (`provide_context`), once a request.
///
/// There is no CSRF token in it: the server refuses unsafe requests whose `Origin` or `Sec-Fetch-Site` is foreign
/// before they arrive here, and the session cookie is `SameSite=Lax`.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct RequestScope {
    /// The use cases.
    pub portal: std::sync::Arc<dyn domain::portal::Portal>,
    /// Who is signed in; `None` for a stranger.
    pub actor: Option<domain::actor::Actor>,
    /// From the cookie.
    pub theme: Theme,
    /// The server's time.
    pub now: domain::timestamp::Timestamp,
    /// Fields of the form whose refusal this page shows.
    pub typed: crate::typed::Typed,
}

/// The use cases and who asks. Errors: `Unauthenticated` for a stranger.
#[cfg(feature = "ssr")]
pub fn request_scope()
-> Result<(std::sync::Arc<dyn domain::portal::Portal>, domain::actor::Actor), domain::fault::Fault> {
    use domain::fault::{Fault, FaultKind};
    let scope = leptos::prelude::use_context::<RequestScope>().ok_or_else(|| {
        Fault::new(
            FaultKind::Internal,
            "InternalServerError",
            "The server did not say who is asking. Please report this.",
        )
    })?;
    let actor = scope.actor.ok_or_else(|| {
        Fault::new(
            FaultKind::Unauthenticated,
            "Unauthenticated",
            "You are not signed in any more. Sign in and try again.",
        )
    })?;
    Ok((scope.portal, actor))
}
