//! What the signed-in person may do, together with the data that a page shows.
//!
//! Both are awaited in one place: when something live changes, the page is rebuilt once and in place, so a dialog that is
//! open stays open and what was typed into it stays.

use domain::{
    actor::{Actor, Permission},
    fault::Fault,
    name::ResourceGroupName,
    vm::Vm,
};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::frame::{FrameData, use_frame};
use crate::{
    error::UiError,
    ui::{failed, ready, waiting},
};

/// Who is signed in; nobody when the frame could not be read (then the server refuses by itself).
#[derive(Clone, Debug)]
pub struct Rights(Option<Actor>);

impl Rights {
    /// From the frame's data.
    pub async fn of(frame: FrameData) -> Self {
        Self(frame.0.await.ok().map(|frame| frame.actor))
    }

    /// Why `permission` is not given in the whole portal; `None`: it is.
    pub fn refusal(&self, permission: Permission) -> Option<Fault> {
        self.0.as_ref().and_then(|actor| actor.require(permission).err())
    }

    /// The same in a resource group.
    pub fn refusal_in(&self, permission: Permission, group: &ResourceGroupName) -> Option<Fault> {
        self.0.as_ref().and_then(|actor| actor.require_in(permission, group).err())
    }

    /// The same on a machine.
    pub fn refusal_on(&self, permission: Permission, vm: &Vm) -> Option<Fault> {
        self.0.as_ref().and_then(|actor| actor.require_on(permission, vm).err())
    }
}

/// What `data` holds and what may be done with it, shown by `view`; a skeleton until it is there, the fault if it failed.
pub fn loaded_with_rights<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T, Rights) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let frame = use_frame();
    waiting(true, move || {
        let view = view.clone();
        Box::pin(async move {
            let rights = Rights::of(frame).await;
            let answer = data.await;
            ready(move || match answer {
                Ok(value) => view(value, rights),
                Err(error) => failed(data, error),
            })
        })
    })
}
