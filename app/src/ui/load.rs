//! Showing what has to be waited for.

use std::{future::Future, pin::Pin, time::Duration};

use domain::fault::{Fault, FaultKind};
use leptos::{prelude::*, tachys::reactive_graph::OwnedView};
use serde::{Serialize, de::DeserializeOwned};

use super::{Place, Skeleton};
use crate::error::{FaultView, UiError};

/// Makes a view of what was waited for.
pub type Ready = Box<dyn FnOnce() -> AnyView + Send>;
/// What is waited for.
pub type Wait = Pin<Box<dyn Future<Output = Ready> + Send>>;

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

/// The fault instead of what `data` was to hold; it is read again as [`again_later`] says.
pub fn failed<T>(data: Resource<Result<T, UiError>>, error: UiError) -> AnyView
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    again_later(data, &error.0);
    view! { <FaultView fault=error.0 /> }.into_any()
}

/// What `data` holds, shown by `view`; a skeleton until it is there, the fault if it failed. On a refetch the old view
/// stays until the new one is ready, and for good when the data is what it was.
pub fn loaded<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let place = Place::here();
    waiting(true, move || {
        let (view, place) = (view.clone(), place.clone());
        Box::pin(async move {
            let answer = data.await;
            ready(move || match answer {
                Ok(value) => place.while_same(value, view),
                Err(error) => failed(data, error),
            })
        })
    })
}

/// Wraps what makes the view, for [`waiting`].
pub fn ready(view: impl FnOnce() -> AnyView + Send + 'static) -> Ready {
    Box::new(view)
}

/// A place whose view has to be waited for: a skeleton or nothing until it is there. When something that `wait` read has
/// changed, it waits again; the old view stays, and answers, until the new one is ready.
pub fn waiting(skeleton: bool, wait: impl Fn() -> Wait + Send + Sync + 'static) -> AnyView {
    place(skeleton, Box::new(wait))
}

fn place(skeleton: bool, wait: Box<dyn Fn() -> Wait + Send + Sync>) -> AnyView {
    let fallback = move || skeleton.then(|| view! { <Skeleton /> });
    view! {
        <Transition fallback=fallback>
            {
                // What a view made belongs to this place, not to one turn of waiting: that ends as soon as the next one
                // begins, when the old view is still there to be clicked.
                let place = Owner::current().unwrap_or_default();
                move || {
                    let (place, wait) = (place.clone(), wait());
                    Suspend::new(async move {
                        let view = wait.await;
                        place.child().with(|| OwnedView::new(view()))
                    })
                }
            }
        </Transition>
    }
    .into_any()
}
