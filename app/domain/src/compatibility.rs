//! Does a package fit a machine? Asked by the marketplace, the install form and the use case that accepts a change.

use crate::{
    extension_image::ExtensionImage,
    fault::{Fault, FaultKind},
    name::ExtensionName,
    vm::Vm,
};

/// An extension that is on the machine already, as far as this rule needs to know it.
pub struct Present<'a> {
    /// Its name.
    pub name: &'a ExtensionName,
    /// Its handler, `Publisher.Type`.
    pub handler: &'a str,
}

/// May `image` be installed on `vm` under `name` beside what is `present`?
///
/// Errors: `OperationNotAllowed` (no agent, switched off, second instance of a single-configuration handler),
/// `ExtensionNotSupported` (operating system, architecture), `PropertyChangeNotAllowed` (the name is used by another type);
/// extension model, sections 3 and 6.
pub fn fits(image: &ExtensionImage, vm: &Vm, name: &ExtensionName, present: &[Present<'_>]) -> Result<(), Fault> {
    vm.extension_change_allowed()?;
    fits_platform(image, vm)?;
    let handler = image.handler_name();
    let same_name = present.iter().find(|p| p.name.as_str().eq_ignore_ascii_case(name.as_str()));
    if let Some(other) = same_name.filter(|p| !p.handler.eq_ignore_ascii_case(&handler)) {
        return Err(Fault::new(
            FaultKind::Conflict,
            "PropertyChangeNotAllowed",
            format!(
                "On {} the name {name} belongs to {}. Choose another name, or remove that extension first.",
                vm.name, other.handler
            ),
        )
        .at("name"));
    }
    let twin = present
        .iter()
        .find(|p| p.handler.eq_ignore_ascii_case(&handler) && !p.name.as_str().eq_ignore_ascii_case(name.as_str()));
    if let Some(twin) = twin.filter(|_| !image.supports_multiple) {
        return Err(Fault::not_allowed(format!(
            "{} is on {} already, as {}, and takes one configuration a machine. Change the settings of {} instead.",
            image.title, vm.name, twin.name, twin.name
        ))
        .at("name"));
    }
    Ok(())
}

fn fits_platform(image: &ExtensionImage, vm: &Vm) -> Result<(), Fault> {
    let refuse = |message: String| Err(Fault::new(FaultKind::Conflict, "ExtensionNotSupported", message));
    // every agent that can enrol today runs on Linux
    if !image.os.is_empty() && !image.os.iter().any(|os| os == "linux") {
        return refuse(format!("{} is for {}; {} runs Linux.", image.title, image.os.join(", "), vm.name));
    }
    if let Some(architecture) = &vm.architecture
        && !image.architectures.is_empty()
        && !image.architectures.contains(architecture)
    {
        return refuse(format!(
            "{} {} is built for {}; {} is {architecture}.",
            image.title,
            image.version,
            image.architectures.join(", "),
            vm.name
        ));
    }
    Ok(())
}
