//! A part of a page whose failure another part tells.

use leptos::prelude::*;

use crate::error::UiError;

/// What `data` holds, shown by `view`; nothing while it is on its way or when it failed. On a refetch the old view stays
/// until the new one is ready.
pub fn part<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Transition>
            {move || {
                let view = view.clone();
                Suspend::new(async move { data.await.ok().map(view) })
            }}
        </Transition>
    }
}
