//! Every page: modules, addresses, and the labels of the navigation. Nothing else.

pub mod access;
pub mod account;
pub mod activity;
pub mod home;
pub mod image_detail;
pub mod install;
pub mod marketplace;
pub mod not_found;
pub mod operation;
pub mod operation_list;
pub mod sign_in;
pub mod vm_detail;
pub mod vm_extension;
pub mod vm_list;
pub mod vm_new;
pub mod welcome;

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Routes},
    path,
};

use crate::{components::frame::Frame, paths};

/// The main navigation: address, icon, label. The first four also stand in the bar of small screens.
pub const NAVIGATION: [(&str, &str, &str); 5] = [
    (paths::HOME, "home", "Home"),
    (paths::VMS, "machine", "Machines"),
    (paths::MARKETPLACE, "marketplace", "Marketplace"),
    (paths::OPERATIONS, "operations", "Operations"),
    (paths::ACTIVITY, "activity", "Activity"),
];

/// Which page shows at which address. Pages are written in one piece (`SsrMode::Async`): they are small, they keep
/// their HTTP status, and they are whole without scripts.
#[component]
pub fn PageRoutes() -> impl IntoView {
    let ssr = SsrMode::Async;
    view! {
        <Routes fallback=not_found::NotFoundPage>
            <Route path=path!("/sign-in") view=sign_in::SignInPage ssr=ssr.clone() />
            <Route path=path!("/welcome") view=welcome::WelcomePage ssr=ssr.clone() />
            <ParentRoute path=path!("") view=Frame ssr=ssr.clone()>
                <Route path=path!("") view=home::HomePage ssr=ssr.clone() />
                <Route path=path!("/marketplace") view=marketplace::MarketplacePage ssr=ssr.clone() />
                <Route path=path!("/marketplace/:publisher/:type") view=image_detail::ImagePage ssr=ssr.clone() />
                <Route path=path!("/install/:publisher/:type") view=install::InstallPage ssr=ssr.clone() />
                <Route path=path!("/vms") view=vm_list::VmListPage ssr=ssr.clone() />
                <Route path=path!("/vms/new") view=vm_new::VmNewPage ssr=ssr.clone() />
                <Route path=path!("/vms/:id") view=vm_detail::OverviewPage ssr=ssr.clone() />
                <Route path=path!("/vms/:id/extensions") view=vm_detail::ExtensionsPage ssr=ssr.clone() />
                <Route path=path!("/vms/:id/activity") view=vm_detail::ActivityPage ssr=ssr.clone() />
                <Route path=path!("/vms/:id/json") view=vm_detail::InstanceViewPage ssr=ssr.clone() />
                <Route path=path!("/vms/:id/extensions/:name") view=vm_extension::VmExtensionPage ssr=ssr.clone() />
                <Route
                    path=path!("/vms/:id/extensions/:name/settings")
                    view=vm_extension::VmExtensionSettingsPage
                    ssr=ssr.clone()
                />
                <Route path=path!("/operations") view=operation_list::OperationListPage ssr=ssr.clone() />
                <Route path=path!("/operations/:id") view=operation::OperationPage ssr=ssr.clone() />
                <Route path=path!("/activity") view=activity::ActivityListPage ssr=ssr.clone() />
                <Route path=path!("/account") view=account::AccountPage ssr=ssr.clone() />
                <Route path=path!("/access") view=access::AccessPage ssr=ssr.clone() />
                <Route path=path!("/*any") view=not_found::NotFound ssr=ssr.clone() />
            </ParentRoute>
        </Routes>
    }
    .into_any()
}
