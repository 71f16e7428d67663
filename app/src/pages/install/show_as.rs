//! What Install would do, for "Show as".

use domain::{
    extension::ExtensionForm,
    extension_image::{ExtensionImage, MachineFit},
    show_as::{Deed, MachinePlace},
};
use leptos::{html, prelude::*};

use super::{FormState, read_form};
use crate::components::show_as::{WhatIsAsked, form_wanted};

/// The form as it stands; before the page answers, what it comes with.
pub(super) fn asked(
    image: &ExtensionImage,
    machines: &[MachineFit],
    state: FormState,
    form_ref: NodeRef<html::Form>,
) -> WhatIsAsked {
    let places: Vec<(String, MachinePlace)> = machines
        .iter()
        .map(|machine| (machine.vm_id.to_string(), MachinePlace::new(&machine.resource_group, &machine.vm_name)))
        .collect();
    let (schema, version) = (image.public_schema.clone(), image.version.clone());
    let empty = ExtensionForm {
        name: image.extension_type.to_string(),
        publisher: image.publisher.to_string(),
        extension_type: image.extension_type.to_string(),
        ..ExtensionForm::default()
    };
    Callback::new(move |()| {
        let form = read_form(form_ref)
            .unwrap_or_else(|| ExtensionForm { targets: state.chosen.get_untracked(), ..empty.clone() });
        let chosen = places.iter().filter(|(id, _)| form.targets.contains(id)).map(|(_, place)| place.clone());
        (chosen.collect(), Deed::Put(form_wanted(&form, &schema, &version, &[])))
    })
}
