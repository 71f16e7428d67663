//! Lines for `az`.
//!
//! `az vm extension set` sends a whole extension and knows no order. Where that would lose something (secrets that cannot be
//! read back, an order), the line is `az rest` with the request of the API.

use super::{
    Asked, Deed, WantedExtension,
    request::{request, target},
    shell::{Target, body, for_each, quoted, word},
};
use crate::vm::PowerAction;

/// The text.
pub(super) fn text(asked: &Asked) -> String {
    for_each(&asked.place, |one| command(asked, one))
}

fn command(asked: &Asked, one: &Target<'_>) -> String {
    let on_vm =
        |verb: &str, rest: &str| format!("az vm {verb} --resource-group {} --name {}{rest}", word(one.group), one.word);
    match &asked.deed {
        Deed::Put(wanted) if wanted.order.is_empty() => set(wanted, one, ""),
        Deed::ChangeSettings(wanted) | Deed::ChangeVersion(wanted) if is_open(wanted) => set(wanted, one, ""),
        Deed::RunAgain(wanted) if is_open(wanted) => set(wanted, one, " --force-update"),
        Deed::Remove { name } => format!(
            "az vm extension delete --resource-group {} --vm-name {} --name {}",
            word(one.group),
            one.word,
            word(name)
        ),
        Deed::Power(action) => on_vm(
            match action {
                PowerAction::Start => "start",
                PowerAction::Stop => "stop",
                PowerAction::Restart => "restart",
            },
            "",
        ),
        Deed::SetTags(machine) => {
            let tags = quoted(&format!("tags={}", machine.tags_value()));
            on_vm("update", &format!(" \\\n  --set {tags}"))
        }
        Deed::AllowExtensions(machine) => {
            on_vm("update", &format!(" \\\n  --set osProfile.allowExtensionOperations={}", machine.allow_extensions))
        }
        Deed::Decommission => on_vm("delete", " --yes"),
        _ => rest(asked, one),
    }
}

/// Nothing of it would be lost by stating all of it.
fn is_open(wanted: &WantedExtension) -> bool {
    wanted.order.is_empty() && wanted.protected.is_empty()
}

fn set(wanted: &WantedExtension, one: &Target<'_>, force: &str) -> String {
    let mut lines = vec![
        "az vm extension set".to_owned(),
        format!("--resource-group {} --vm-name {}", word(one.group), one.word),
        format!("--publisher {} --name {}", word(&wanted.publisher), word(&wanted.extension_type)),
    ];
    if wanted.name != wanted.extension_type {
        lines.push(format!("--extension-instance-name {}", word(&wanted.name)));
    }
    lines.push(format!("--version {} --no-auto-upgrade-minor-version true{force}", wanted.version.line()));
    if wanted.has_settings() {
        lines.push(format!("--settings {}", quoted(&wanted.settings.to_string())));
    }
    if let Some(secrets) = wanted.placeholders() {
        lines.push(format!("--protected-settings {}", quoted(&secrets.to_string())));
    }
    lines.join(" \\\n  ")
}

/// The request itself, with the token that `az` has.
fn rest(asked: &Asked, one: &Target<'_>) -> String {
    let request = request(&asked.deed);
    let url = target(asked, one.group, &one.inside, &request);
    let body = body(&request.body, false).map(|body| format!(" \\\n  --body {body}")).unwrap_or_default();
    format!("az rest --method {} \\\n  --url \"{url}\"{body}", request.method.to_lowercase())
}
