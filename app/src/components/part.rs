//! A part of a page whose failure another part tells.

use leptos::prelude::*;

use crate::{
    error::UiError,
    ui::{Place, ready, waiting},
};

/// What `data` holds, shown by `view`; nothing while it is on its way or when it failed. On a refetch the old view stays
/// until the new one is ready, and for good when the data is what it was.
pub fn part<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let place = Place::here();
    waiting(false, move || {
        let (view, place) = (view.clone(), place.clone());
        Box::pin(async move {
            let value = data.await.ok();
            ready(move || place.while_same(value, |value| value.map(view).into_any()))
        })
    })
}
