//! `POST /packages`: an Owner publishes a package, by a form or by a program.

use app::paths;
use axum::{
    Extension, Json,
    extract::{Multipart, State, multipart::MultipartError},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use bytes::{Bytes, BytesMut};
use domain::{actor::Actor, extension_image::ExtensionImage, fault::Fault};

use crate::{answer, state::AppState};

/// Most bytes of an upload; the package itself is bounded by the use case.
pub(super) const LARGEST: usize = 257 * 1024 * 1024;

/// Publishes the file in the field `package`.
pub(super) async fn publish(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let page = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
    let published = match package(form).await {
        Ok(zip) => state.control().image_publish(&actor, zip).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    match published {
        Ok(ExtensionImage { publisher, extension_type, version, .. }) if page => {
            Redirect::to(&paths::image(&publisher, &extension_type, Some(&version))).into_response()
        }
        Ok(image) => (StatusCode::CREATED, Json(image)).into_response(),
        Err(fault) if page => {
            let query = [("error", fault.code.as_str()), ("message", fault.message.as_str())];
            Redirect::to(&paths::with_query(paths::MARKETPLACE, &query)).into_response()
        }
        Err(fault) => answer::fault(&fault),
    }
}

async fn package(mut form: Multipart) -> Result<Bytes, Fault> {
    let unreadable = |error: MultipartError| Fault::invalid("package", format!("The upload ended early: {error}."));
    while let Some(mut field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("package") {
            let mut zip = BytesMut::new();
            while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
                zip.extend_from_slice(&chunk);
            }
            return Ok(zip.freeze());
        }
    }
    Err(Fault::invalid(
        "package",
        "Choose a package: a zip with HandlerManifest.json and ExtensionImage.json at its root.",
    ))
}
