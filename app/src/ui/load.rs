//! Showing what a server function answered.

use leptos::prelude::*;

use super::Skeleton;
use crate::error::{FaultView, UiError};

/// What `data` holds, shown by `view`; a skeleton until it is there, the fault if it failed. On a refetch the old view
/// stays until the new one is ready.
pub fn loaded<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
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
                        Err(error) => view! { <FaultView fault=error.0 /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}
