//! Showing what a server function answered.

use std::time::Duration;

use domain::fault::{Fault, FaultKind};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::Skeleton;
use crate::error::{FaultView, UiError};

/// How soon a read is tried again that failed because the portal could not serve.
const AGAIN: Duration = Duration::from_secs(3);

/// Reads `data` again after a moment when the portal could not serve (its database is away): pages recover by
/// themselves. Browser only; on the server it does nothing.
pub fn again_later<T>(data: Resource<Result<T, UiError>>, fault: &Fault)
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    if fault.kind == FaultKind::Unavailable && cfg!(feature = "hydrate") {
        set_timeout(
            move || {
                // the page may be gone, or something else may have read it meanwhile
                let still =
                    data.try_with_untracked(|read| matches!(read, Some(Err(e)) if e.0.kind == FaultKind::Unavailable));
                if still == Some(true) {
                    data.refetch();
                }
            },
            AGAIN,
        );
    }
}

/// What `data` holds, shown by `view`; a skeleton until it is there, the fault if it failed. On a refetch the old view
/// stays until the new one is ready.
pub fn loaded<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| {
            view! { <Skeleton /> }
        }>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => view(value),
                        Err(error) => {
                            again_later(data, &error.0);
                            view! { <FaultView fault=error.0 /> }.into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}
