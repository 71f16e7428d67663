//! What can be done with an extension, for "Show as".

use domain::{
    extension::{ExtensionDetail, ExtensionForm, Revision},
    show_as::{Deed, MachinePlace, WantedExtension},
    version::ExtensionVersion,
};
use leptos::{form::FromFormData, html, prelude::*};

use crate::{
    calls::extensions::ExtensionPut,
    components::show_as::{WhatIsAsked, fixed, form_wanted},
};

fn machine(detail: &ExtensionDetail) -> MachinePlace {
    MachinePlace::new(&detail.resource_group, &detail.vm_name)
}

/// Running it again.
pub(super) fn run_again(detail: &ExtensionDetail) -> WhatIsAsked {
    fixed(machine(detail), Deed::RunAgain(WantedExtension::of(&detail.summary.extension)))
}

/// Taking it off.
pub(super) fn remove(detail: &ExtensionDetail) -> WhatIsAsked {
    fixed(machine(detail), Deed::Remove { name: detail.summary.extension.name.to_string() })
}

/// Moving it to another version.
pub(super) fn change_version(detail: &ExtensionDetail, version: &ExtensionVersion) -> WhatIsAsked {
    let wanted = WantedExtension { version: version.clone(), ..WantedExtension::of(&detail.summary.extension) };
    fixed(machine(detail), Deed::ChangeVersion(wanted))
}

/// Going back to a revision: all of it is stated. Its secrets have to be known then; the portal alone brings them back unseen.
pub(super) fn roll_back(detail: &ExtensionDetail, revision: &Revision) -> WhatIsAsked {
    let wanted = WantedExtension {
        version: revision.version.clone(),
        settings: revision.settings.clone(),
        protected: revision.protected_keys.clone(),
        ..WantedExtension::of(&detail.summary.extension)
    };
    fixed(machine(detail), Deed::Put(wanted))
}

/// The settings form as it stands; before the page answers, the settings that are saved.
pub(super) fn settings(detail: &ExtensionDetail, form_ref: NodeRef<html::Form>) -> WhatIsAsked {
    let present = WantedExtension::of(&detail.summary.extension);
    let (schema, place) = (detail.image.public_schema.clone(), machine(detail));
    Callback::new(move |()| {
        let read = || {
            let form = form_ref.try_get_untracked().flatten()?;
            let data = web_sys::FormData::new_with_form(&form).ok()?;
            ExtensionPut::from_form_data(&data).ok().map(|put| put.form)
        };
        let deed = match read() {
            Some(form) => change(&form, &form_wanted(&form, &schema, &present.version, &present.protected), &present),
            None => Deed::ChangeSettings(present.clone()),
        };
        (vec![place.clone()], deed)
    })
}

/// Settings alone when nothing else changes; else the whole extension.
fn change(form: &ExtensionForm, wanted: &WantedExtension, present: &WantedExtension) -> Deed {
    let secrets = !form.clear_protected.is_empty() || form.protected.values().any(|secret| !secret.is_empty());
    if secrets || wanted.order != present.order {
        Deed::Put(wanted.clone())
    } else {
        Deed::ChangeSettings(wanted.clone())
    }
}
