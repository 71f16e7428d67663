//! Whether this tab hears of changes, and what to say when it does not.

use leptos::prelude::*;

use crate::{
    live::{Connection, reconnect_now, use_live_state},
    ui::Icon,
};

/// The dot in the top bar.
#[component]
pub fn ConnectionDot() -> impl IntoView {
    let live = use_live_state();
    let lost = move || matches!(live.connection.get(), Connection::Unsteady | Connection::Lost);
    let word = move || match live.connection.get() {
        Connection::Connecting => "Connecting",
        Connection::Live => "Live",
        Connection::Unsteady | Connection::Lost => "Reconnecting",
    };
    view! {
        <span
            class="connection-dot"
            role="status"
            data-lost=move || lost().then_some("")
            data-idle=move || (live.connection.get() == Connection::Connecting).then_some("")
        >
            <span>{word}</span>
        </span>
    }
    .into_any()
}

/// The bar below the top bar, three seconds after the connection was lost; or when the portal was updated.
#[component]
pub fn LostBar() -> impl IntoView {
    let live = use_live_state();
    view! {
        {move || {
            (live.connection.get() == Connection::Lost)
                .then(|| {
                    view! {
                        <div class="banner is-bar" data-state="warn" role="alert">
                            <Icon name="wifi-off" />
                            <p class="grow">
                                <strong>"Connection lost."</strong>
                                " You see what was true before. The page goes on by itself when the portal answers again."
                            </p>
                            <button type="button" class="btn btn-sm" on:click=move |_| reconnect_now()>
                                "Try now"
                            </button>
                        </div>
                    }
                })
        }}
        {move || {
            (live.new_build.get())
                .then(|| {
                    view! {
                        <div class="banner is-bar" data-state="info" role="status">
                            <Icon name="info" />
                            <p class="grow">
                                <strong>"Annex was updated."</strong>
                                " Reload when you like; this page keeps working until then."
                            </p>
                            <a class="btn btn-sm" href="" rel="external">
                                "Reload"
                            </a>
                        </div>
                    }
                })
        }}
    }
    .into_any()
}
