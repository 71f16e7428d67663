//! Does a package fit a machine? Asked by the marketplace, the install form and the use case that accepts a change.

use crate::{
    extension_image::ExtensionImage,
    fault::{Fault, FaultKind},
    name::ExtensionName,
    vm::Platform,
};

/// An extension that is on the machine already, as far as this rule needs to know it.
pub struct Present<'a> {
    /// Its name.
    pub name: &'a ExtensionName,
    /// Its handler, `Publisher.Type`.
    pub handler: &'a str,
}

/// May `image` be installed on a machine (`vm` is its name) under `name` beside what is `present`?
///
/// Errors: `OperationNotAllowed` (no agent, switched off), `BadRequest` (second instance of a single-configuration handler),
/// `ExtensionNotSupported` (operating system, architecture), `PropertyChangeNotAllowed` (the name is used by another type);
/// extension model, sections 3 and 6.
pub fn fits(
    image: &ExtensionImage,
    vm: &str,
    platform: &Platform,
    name: &ExtensionName,
    present: &[Present<'_>],
) -> Result<(), Fault> {
    platform.extension_change_allowed(vm)?;
    fits_platform(image, vm, platform)?;
    let handler = image.handler_name();
    let same_name = present.iter().find(|p| p.name.as_str().eq_ignore_ascii_case(name.as_str()));
    if let Some(other) = same_name.filter(|p| !p.handler.eq_ignore_ascii_case(&handler)) {
        return Err(Fault::new(
            FaultKind::Conflict,
            "PropertyChangeNotAllowed",
            format!(
                "On {vm} the name {name} belongs to {}. Choose another name, or remove that extension first.",
                other.handler
            ),
        )
        .at("name"));
    }
    let twin = present
        .iter()
        .find(|p| p.handler.eq_ignore_ascii_case(&handler) && !p.name.as_str().eq_ignore_ascii_case(name.as_str()));
    if let Some(twin) = twin.filter(|_| !image.supports_multiple) {
        // ARM's code, and the words that people search the web for
        let message = format!(
            "{} takes one configuration a machine. Multiple VMExtensions per handler not supported for OS type 'Linux': VMExtension '{}' with handler '{handler}' is on {vm} already. Change the settings of {} instead.",
            image.title, twin.name, twin.name
        );
        return Err(Fault::new(FaultKind::Invalid, "BadRequest", message).at("name"));
    }
    Ok(())
}

fn fits_platform(image: &ExtensionImage, vm: &str, platform: &Platform) -> Result<(), Fault> {
    let refuse = |message: String| Err(Fault::new(FaultKind::Conflict, "ExtensionNotSupported", message));
    // every agent that can enrol today runs on Linux
    if !image.os.is_empty() && !image.os.iter().any(|os| os == "linux") {
        return refuse(format!("{} is for {}; {vm} runs Linux.", image.title, image.os.join(", ")));
    }
    if let Some(architecture) = &platform.architecture
        && !image.architectures.is_empty()
        && !image.architectures.contains(architecture)
    {
        return refuse(format!(
            "{} {} is built for {}; {vm} is {architecture}.",
            image.title,
            image.version,
            image.architectures.join(", ")
        ));
    }
    Ok(())
}
