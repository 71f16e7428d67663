//! A view that stays as it stands in the page while what it is made from is the same.
//!
//! A live update reads a page's data again, and mostly it is the data that was there before. Rendering it again would cost the
//! browser time and people what they are doing: the selection in a field, a question that stands open.

use std::any::Any;

use leptos::{
    prelude::*,
    tachys::{
        html::attribute::{Attribute, any_attribute::AnyAttribute},
        hydration::Cursor,
        reactive_graph::{OwnedView, OwnedViewState},
        renderer::types::{Element, Node},
        view::{
            Mountable, Position, PositionState, Render, RenderHtml,
            add_attr::AddAnyAttr,
            any_view::{AnyView, AnyViewState},
        },
    },
};

/// Where such views stand: what they make lives as long as this place does, however often what is around them is rendered.
#[derive(Clone)]
pub struct Place(Owner);

impl Place {
    /// The component that is being made.
    pub fn here() -> Self {
        Self(Owner::current().unwrap_or_default())
    }

    /// The view of `from`; from something else, the view in the page is changed to the new one.
    pub fn while_same<T>(&self, from: T, view: impl FnOnce(T) -> AnyView + Send + 'static) -> AnyView
    where
        T: PartialEq + Clone + Send + 'static,
    {
        self.row((), from, view)
    }

    /// The same for one of several alike, such as a row with a question in it. `key` says which one it is: the view of another
    /// one is made anew, so that what was asked about one thing is never answered about another.
    pub fn row<K, T>(&self, key: K, from: T, view: impl FnOnce(T) -> AnyView + Send + 'static) -> AnyView
    where
        K: PartialEq + Send + 'static,
        T: PartialEq + Clone + Send + 'static,
    {
        // the server renders once
        if cfg!(feature = "ssr") {
            return view(from);
        }
        let value = from.clone();
        let view = Box::new(move || view(value));
        let of = Made { key: Box::new(key), from: Box::new(from) };
        WhileSame { of, view, place: self.0.clone() }.into_any()
    }
}

/// What can be compared with what was there before.
trait Compared: Any + Send {
    fn is_same(&self, before: &dyn Compared) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<T: PartialEq + Send + 'static> Compared for T {
    fn is_same(&self, before: &dyn Compared) -> bool {
        before.as_any().downcast_ref::<T>().is_some_and(|before| before == self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Which thing, and what there is to show of it.
struct Made {
    key: Box<dyn Compared>,
    from: Box<dyn Compared>,
}

struct WhileSame {
    of: Made,
    view: Box<dyn FnOnce() -> AnyView + Send>,
    place: Owner,
}

struct WhileSameState {
    of: Made,
    shown: OwnedViewState<AnyViewState>,
}

impl WhileSame {
    fn make(self) -> (Made, OwnedView<AnyView>) {
        let owner = self.place.child();
        let view = owner.with(|| untrack(self.view));
        (self.of, OwnedView::new_with_owner(view, owner))
    }
}

impl Mountable for WhileSameState {
    fn unmount(&mut self) {
        self.shown.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.shown.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.shown.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.shown.elements()
    }
}

impl Render for WhileSame {
    type State = WhileSameState;

    fn build(self) -> WhileSameState {
        let (of, view) = self.make();
        WhileSameState { of, shown: view.build() }
    }

    fn rebuild(self, state: &mut WhileSameState) {
        if !self.of.key.is_same(&*state.of.key) {
            let mut new = self.build();
            state.insert_before_this(&mut new);
            state.unmount();
            *state = new;
        } else if !self.of.from.is_same(&*state.of.from) {
            let (of, view) = self.make();
            view.rebuild(&mut state.shown);
            state.of = of;
        }
    }
}

impl AddAnyAttr for WhileSame {
    type Output<SomeNewAttr: Attribute> = Self;

    /// Attributes stand in the view; none can be added from outside.
    fn add_any_attr<NewAttr: Attribute>(self, _attr: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for WhileSame {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.make().1.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> WhileSameState {
        let (of, view) = self.make();
        WhileSameState { of, shown: view.hydrate::<FROM_SERVER>(cursor, position) }
    }

    async fn hydrate_async(self, cursor: &Cursor, position: &PositionState) -> WhileSameState {
        let (of, view) = self.make();
        WhileSameState { of, shown: view.hydrate_async(cursor, position).await }
    }

    fn into_owned(self) -> Self {
        self
    }
}
