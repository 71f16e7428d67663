//! One machine: the tabs of its page.

mod activity;
mod advice;
mod agent;
mod extensions;
mod head;
mod instance_view;
mod overview;
mod power;
mod settings_card;
mod tags;

pub use activity::ActivityPage;
pub use agent::AgentPage;
pub use extensions::ExtensionsPage;
pub use instance_view::InstanceViewPage;
pub use overview::OverviewPage;

use domain::{fault::Fault, ids::VmId, live::Topic, vm::VmDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{calls::vms::vm_get, error::UiError, live::use_live};

/// The machine that the address names.
fn use_vm_id() -> Memo<Option<VmId>> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get("id").and_then(|id| id.parse().ok()))
}

/// The machine that the address names, read again whenever it changes.
fn use_vm() -> (Memo<Option<VmId>>, Resource<Result<VmDetail, UiError>>) {
    let id = use_vm_id();
    let vm = Resource::new(
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => vm_get(id).await,
                None => Err(no_such_machine()),
            }
        },
    );
    use_live(move || id.get().map(Topic::Vm).into_iter().collect(), move || vm.refetch());
    (id, vm)
}

fn no_such_machine() -> UiError {
    UiError(Fault::not_found("There is no machine with this id."))
}
