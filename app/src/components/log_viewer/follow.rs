//! Staying at the end of a log while lines arrive, until the reader scrolls up.

use leptos::{html, prelude::*};

use crate::ui::Icon;

/// Nearer to the end than this, in pixels, counts as being at the end.
const NEAR: i32 = 24;

/// Whether the end is followed, and where the reader was last.
#[derive(Clone, Copy)]
pub struct Follow {
    list: NodeRef<html::Div>,
    on: RwSignal<bool>,
    top: StoredValue<i32>,
    alive: RwSignal<bool>,
}

/// Follows the end of `list` from the start while a run goes on, unless the reader came for one line of it.
pub fn use_follow(list: NodeRef<html::Div>, running: bool) -> Follow {
    let follow = Follow { list, on: RwSignal::new(false), top: StoredValue::new(0), alive: RwSignal::new(false) };
    Effect::new(move |_| {
        if list.get().is_some() {
            follow.alive.set(true);
            let came_for_a_line = window().location().hash().is_ok_and(|hash| !hash.is_empty());
            follow.on.set(running && !came_for_a_line);
            follow.to_end();
        }
    });
    follow
}

impl Follow {
    /// True once lines arrive by themselves.
    pub fn is_alive(self) -> bool {
        self.alive.get()
    }

    /// Scrolls to the end in the next frame, if the end is followed.
    pub fn to_end(self) {
        if self.on.try_get_untracked() != Some(true) {
            return;
        }
        request_animation_frame(move || {
            if let Some(element) = self.list.try_get_untracked().flatten() {
                element.set_scroll_top(element.scroll_height());
            }
        });
    }

    /// The reader scrolled, or lines did it: up lets go, the end takes hold.
    pub fn scrolled(self) {
        let Some(element) = self.list.try_get_untracked().flatten() else { return };
        let top = element.scroll_top();
        let up = top < self.top.try_get_value().unwrap_or(0);
        self.top.try_set_value(top);
        let at_end = element.scroll_height() - top - element.client_height() < NEAR;
        if up && !at_end {
            let _ = self.on.try_set(false);
        } else if at_end {
            let _ = self.on.try_set(true);
        }
    }
}

/// Follows or lets go; appears with the scripts that make it work, while there is something to follow.
#[component]
pub fn FollowButton(follow: Follow, wanted: Signal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="btn btn-sm"
            hidden=move || !(follow.is_alive() && wanted.get())
            aria-pressed=move || follow.on.get().to_string()
            on:click=move |_| {
                follow.on.update(|on| *on = !*on);
                follow.to_end();
            }
        >
            <Icon name="arrow-down" class="icon-14" />
            "Follow"
        </button>
    }
}
