//! Access: people, programs, and the roles that both are given.

mod assignments;
mod people;
mod place_fields;
mod program_new;
mod program_row;
mod programs;
mod roles;
mod secret_shown;
mod show_as;

use domain::{actor::Permission, live::Topic};
use leptos::prelude::*;

use self::{
    assignments::Assignments,
    people::{Accounts, NewAccount},
    program_new::NewProgram,
    programs::Programs,
    roles::Roles,
};
use crate::{
    calls::{
        self,
        access::{PrincipalCreate, PrincipalDelete, PrincipalEnable, RoleAssign, RoleRemove, SecretAdd, SecretRemove},
        account::{AccountCreate, AccountUpdate},
    },
    components::{call_form::FormCall, frame::use_frame},
    live::use_live,
    ui::{EmptyState, PageHead, Place, loaded},
};

/// Who may sign in, which programs may, and what each of them may do where.
#[component]
pub fn AccessPage() -> impl IntoView {
    view! {
        <PageHead title="Access" lede="Who may sign in, which programs may, and what each of them may do." />
        <div class="stack">
            <People />
            <ProgramsAndRoles />
        </div>
    }
    .into_any()
}

#[component]
fn People() -> impl IntoView {
    let frame = use_frame();
    let create = FormCall::of::<AccountCreate>();
    let update = FormCall::of::<AccountUpdate>();
    // who may not manage accounts is not asked for them: the page says so instead of failing
    let data = Resource::new(
        move || (create.version().get(), update.version().get()),
        move |_| async move {
            match frame.refusal(Permission::ManageAccounts).await {
                Some(fault) => Ok(Err(fault)),
                None => calls::account::account_list().await.map(Ok),
            }
        },
    );
    use_live(|| vec![Topic::Accounts], move || data.refetch());
    let rows = Place::here();
    loaded(data, move |answer| match answer {
        Ok(accounts) => view! {
            <div class="split">
                <div class="stack">
                    <Accounts accounts rows=rows.clone() update />
                    <Roles />
                </div>
                <aside class="stack" aria-label="New account">
                    <NewAccount create />
                </aside>
            </div>
        }
        .into_any(),
        Err(fault) => view! {
            <div class="split">
                <section class="card">
                    <EmptyState icon="lock" title="You cannot see accounts" text=fault.message />
                </section>
                <Roles />
            </div>
        }
        .into_any(),
    })
}

/// What the forms about programs and roles call.
#[derive(Clone, Copy)]
struct Calls {
    create: FormCall<domain::access::NewSecret>,
    enable: FormCall<()>,
    delete: FormCall<()>,
    add: FormCall<domain::access::NewSecret>,
    remove: FormCall<()>,
    assign: FormCall<domain::access::RoleAssignment>,
    unassign: FormCall<()>,
}

impl Calls {
    fn new() -> Self {
        Self {
            create: FormCall::of::<PrincipalCreate>(),
            enable: FormCall::of::<PrincipalEnable>(),
            delete: FormCall::of::<PrincipalDelete>(),
            add: FormCall::of::<SecretAdd>(),
            remove: FormCall::of::<SecretRemove>(),
            assign: FormCall::of::<RoleAssign>(),
            unassign: FormCall::of::<RoleRemove>(),
        }
    }

    /// Rises with every change that was made.
    fn version(&self) -> usize {
        self.create.version().get()
            + self.enable.version().get()
            + self.delete.version().get()
            + self.add.version().get()
            + self.remove.version().get()
            + self.assign.version().get()
            + self.unassign.version().get()
    }
}

#[component]
fn ProgramsAndRoles() -> impl IntoView {
    let frame = use_frame();
    let made = Calls::new();
    let data = Resource::new(
        move || made.version(),
        move |_| async move {
            match frame.refusal_anywhere(Permission::ManageAccounts).await {
                Some(fault) => Ok(Err(fault)),
                None => calls::access::access_view().await.map(Ok),
            }
        },
    );
    use_live(|| vec![Topic::Accounts, Topic::Vms], move || data.refetch());
    let rows = Place::here();
    // shown until the next one is made or the page is left: nobody can read it again
    let secret = RwSignal::new(None);
    for call in [made.create, made.add] {
        Effect::new(move |_| {
            if let Some(Ok(new)) = call.value().get() {
                secret.set(Some(new));
            }
        });
    }
    loaded(data, move |answer| {
        match answer {
        Ok(access) => view! {
            <div class="split">
                <div class="stack">
                    <Programs access=access.clone() rows=rows.clone() made secret />
                    <Assignments access=access.clone() made />
                </div>
                <aside class="stack" aria-label="New service principal and role">
                    <NewProgram access=access.clone() create=made.create />
                    <assignments::NewAssignment access assign=made.assign />
                </aside>
            </div>
        }
        .into_any(),
        Err(fault) => view! {
            <section class="card">
                <EmptyState icon="lock" title="You cannot see service principals and role assignments" text=fault.message />
            </section>
        }
        .into_any(),
    }
    })
}
