//! A part of a page whose failure another part tells.

use leptos::prelude::*;

use crate::{
    error::UiError,
    ui::{ready, waiting},
};

/// What `data` holds, shown by `view`; nothing while it is on its way or when it failed. On a refetch the old view stays
/// until the new one is ready.
pub fn part<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    waiting(false, move || {
        let view = view.clone();
        Box::pin(async move {
            let value = data.await.ok();
            ready(move || value.map(view).into_any())
        })
    })
}
