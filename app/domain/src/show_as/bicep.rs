//! Bicep.

use serde_json::Value;

use super::{
    API_VERSION, Asked, Deed, LOCATION, MachineResource, NO_TEMPLATE, WantedExtension,
    arm::{first_group, several_groups},
    secrets::parameters,
    tree::{Node, Style},
};

const STYLE: Style = Style { assign: ": ", comma: "", text: string, number };

/// The text. Errors: a template cannot say it.
pub(super) fn text(asked: &Asked) -> Result<String, &'static str> {
    let text = match &asked.deed {
        Deed::Put(wanted) | Deed::ChangeSettings(wanted) | Deed::ChangeVersion(wanted) => {
            extension(asked, wanted, false)
        }
        Deed::RunAgain(wanted) => extension(asked, wanted, true),
        Deed::Register => machine(asked, &MachineResource::registered()),
        Deed::SetTags(resource) | Deed::AllowExtensions(resource) => machine(asked, resource),
        _ => return Err(NO_TEMPLATE),
    };
    Ok(text)
}

fn extension(asked: &Asked, wanted: &WantedExtension, run_again: bool) -> String {
    let names = first_group(asked);
    let mut blocks: Vec<String> = several_groups(asked).map(|note| format!("// {note}")).into_iter().collect();
    let machine_type = format!("'Microsoft.Compute/virtualMachines@{API_VERSION}'");
    let extension_type = format!("'Microsoft.Compute/virtualMachines/extensions@{API_VERSION}'");
    if names.len() > 1 {
        let list = names.iter().copied().map(Value::from).collect();
        blocks.push(format!("param machines array = {}", STYLE.write(&Node::Data(list), 0)));
    }
    let given = parameters(&wanted.protected);
    blocks.extend(given.iter().map(|(_, name)| format!("@secure()\nparam {name} string")));
    if run_again {
        blocks.push("param forceUpdateTag string = utcNow()".to_owned());
    }
    let mut properties = Node::members(wanted.open_properties());
    if run_again {
        properties.push(("forceUpdateTag".to_owned(), Node::Expression("forceUpdateTag".to_owned())));
    }
    if !given.is_empty() {
        let secrets = given.into_iter().map(|(setting, name)| (setting.to_owned(), Node::Expression(name)));
        properties.push(("protectedSettings".to_owned(), Node::Object(secrets.collect())));
    }
    let resource = |parent: &str| {
        Node::Object(vec![
            ("parent".to_owned(), Node::Expression(parent.to_owned())),
            ("name".to_owned(), Node::Data(Value::from(wanted.name.as_str()))),
            ("location".to_owned(), Node::Data(Value::from(LOCATION))),
            ("properties".to_owned(), Node::Object(properties)),
        ])
    };
    if let [name] = names.as_slice() {
        blocks.push(format!("resource vm {machine_type} existing = {{\n  name: {}\n}}", string(name)));
        blocks.push(format!("resource extension {extension_type} = {}", STYLE.write(&resource("vm"), 0)));
    } else {
        blocks.push(format!("resource vms {machine_type} existing = [for name in machines: {{\n  name: name\n}}]"));
        let one = STYLE.write(&resource("vms[i]"), 0);
        blocks.push(format!("resource extensions {extension_type} = [for i in range(0, length(machines)): {one}]"));
    }
    blocks.join("\n\n")
}

fn machine(asked: &Asked, machine: &MachineResource) -> String {
    let name = first_group(asked).into_iter().next().unwrap_or_default();
    let mut members = vec![("name".to_owned(), Node::Data(Value::from(name)))];
    members.extend(Node::members(machine.body()));
    let body = STYLE.write(&Node::Object(members), 0);
    format!("resource vm 'Microsoft.Compute/virtualMachines@{API_VERSION}' = {body}")
}

/// A text in single quotes. `${` would begin an expression.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("'");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Bicep knows whole numbers only.
fn number(number: &serde_json::Number) -> String {
    if number.is_i64() { number.to_string() } else { format!("json('{number}')") }
}
