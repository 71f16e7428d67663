//! Every page: modules, parts, addresses, and the labels of the navigation. Nothing else.

pub mod access;
pub mod account;
pub mod activity;
pub mod api;
pub mod home;
pub mod image_detail;
pub mod install;
pub mod marketplace;
pub mod not_found;
pub mod operation;
pub mod operation_list;
mod parts;
pub mod sign_in;
pub mod vm_detail;
pub mod vm_extension;
pub mod vm_list;
pub mod vm_new;
pub mod welcome;

use leptos::{prelude::*, wasm_split::SplitLoaderError};
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

// Which part of the program a page is in: what is behind one of these names is fetched when the first of its pages is
// shown. What several parts use is in the main part, see `parts`.
parts::pages! {
    doorway { SIGN_IN: sign_in::SignInPage, WELCOME: welcome::WelcomePage }
    home { HOME: home::HomePage }
    work {
        MARKETPLACE: marketplace::MarketplacePage,
        IMAGE: image_detail::ImagePage,
        INSTALL: install::InstallPage,
        VM_LIST: vm_list::VmListPage,
        VM_NEW: vm_new::VmNewPage,
        OVERVIEW: vm_detail::OverviewPage,
        EXTENSIONS: vm_detail::ExtensionsPage,
        VM_ACTIVITY: vm_detail::ActivityPage,
        VM_AGENT: vm_detail::AgentPage,
        INSTANCE_VIEW: vm_detail::InstanceViewPage,
        VM_EXTENSION: vm_extension::VmExtensionPage,
        VM_EXTENSION_SETTINGS: vm_extension::VmExtensionSettingsPage,
        OPERATION_LIST: operation_list::OperationListPage,
        OPERATION: operation::OperationPage,
        ACTIVITY_LIST: activity::ActivityListPage,
    }
    access { ACCOUNT: account::AccountPage, ACCESS: access::AccessPage, API: api::ApiPage }
}

/// Waits for what the page in this document needs before it can be hydrated. Errors: it cannot be fetched.
pub async fn fetch_for_document() -> Result<(), SplitLoaderError> {
    parts::fetch_for_document(PAGES).await
}

/// Which page shows at which address. Pages are written in one piece (`SsrMode::Async`): they are small, they keep
/// their HTTP status, and they are whole without scripts.
#[component]
pub fn PageRoutes() -> impl IntoView {
    let ssr = SsrMode::Async;
    view! {
        <Routes fallback=not_found::NotFoundPage>
            <Route path=path!("/sign-in") view=SIGN_IN ssr=ssr.clone() />
            <Route path=path!("/welcome") view=WELCOME ssr=ssr.clone() />
            <ParentRoute path=path!("") view=Frame ssr=ssr.clone()>
                <Route path=path!("") view=HOME ssr=ssr.clone() />
                <Route path=path!("/marketplace") view=MARKETPLACE ssr=ssr.clone() />
                <Route path=path!("/marketplace/:publisher/:type") view=IMAGE ssr=ssr.clone() />
                <Route path=path!("/install/:publisher/:type") view=INSTALL ssr=ssr.clone() />
                <Route path=path!("/vms") view=VM_LIST ssr=ssr.clone() />
                <Route path=path!("/vms/new") view=VM_NEW ssr=ssr.clone() />
                <Route path=path!("/vms/:id") view=OVERVIEW ssr=ssr.clone() />
                <Route path=path!("/vms/:id/extensions") view=EXTENSIONS ssr=ssr.clone() />
                <Route path=path!("/vms/:id/activity") view=VM_ACTIVITY ssr=ssr.clone() />
                <Route path=path!("/vms/:id/agent") view=VM_AGENT ssr=ssr.clone() />
                <Route path=path!("/vms/:id/json") view=INSTANCE_VIEW ssr=ssr.clone() />
                <Route path=path!("/vms/:id/extensions/:name") view=VM_EXTENSION ssr=ssr.clone() />
                <Route
                    path=path!("/vms/:id/extensions/:name/settings")
                    view=VM_EXTENSION_SETTINGS
                    ssr=ssr.clone()
                />
                <Route path=path!("/operations") view=OPERATION_LIST ssr=ssr.clone() />
                <Route path=path!("/operations/:id") view=OPERATION ssr=ssr.clone() />
                <Route path=path!("/activity") view=ACTIVITY_LIST ssr=ssr.clone() />
                <Route path=path!("/account") view=ACCOUNT ssr=ssr.clone() />
                <Route path=path!("/access") view=ACCESS ssr=ssr.clone() />
                <Route path=path!("/api") view=API ssr=ssr.clone() />
                <Route path=path!("/*any") view=not_found::NotFound ssr=ssr.clone() />
            </ParentRoute>
        </Routes>
    }
    .into_any()
}
