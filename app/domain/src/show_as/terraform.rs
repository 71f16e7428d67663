//! Terraform, with the provider `azapi`.
//!
//! `azapi` takes the addresses of API and sign-in as they are written (`environment = "custom"`) and sends the body as it
//! stands here. `azurerm` looks its addresses up in Azure's metadata and checks more than Annex has. What is done once is an
//! `azapi_resource_action`: the request of the API.

use serde_json::Value;

use super::{
    API_VERSION, ApiPlace, Asked, Deed, LOCATION, MachineResource, WantedExtension,
    request::{Body, machine_path, request},
    secrets::parameters,
    tree::{Node, Style},
};

const STYLE: Style = Style { assign: " = ", comma: ",", text: string, number: |number| number.to_string() };

/// The text.
pub(super) fn text(asked: &Asked) -> String {
    let mut blocks = vec![provider(&asked.place.api)];
    match &asked.deed {
        Deed::Put(wanted) => extension(asked, wanted, &mut blocks),
        Deed::Register => blocks.push(machine(asked)),
        _ => blocks.push(action(asked)),
    }
    blocks.join("\n\n")
}

fn provider(api: &ApiPlace) -> String {
    let (url, subscription) = (string(&api.url), string(&api.subscription_id));
    format!(
        r#"terraform {{
  required_providers {{
    azapi = {{
      source  = "azure/azapi"
      version = ">= 2.7"
    }}
  }}
}}

provider "azapi" {{
  environment                = "custom"
  disable_instance_discovery = true
  skip_provider_registration = true
  subscription_id            = {subscription}
  endpoint = [{{
    resource_manager_endpoint       = {url}
    resource_manager_audience       = {url}
    active_directory_authority_host = {url}
  }}]
}}"#
    )
}

/// `"…" = …` members of the block that acts on each machine, and the expression for its path.
fn on_machines(asked: &Asked) -> (Vec<(String, Node)>, Node) {
    let paths: Vec<Value> = asked
        .place
        .machines
        .iter()
        .map(|machine| Value::from(machine_path(&asked.place.api, &machine.group, &machine.name)))
        .collect();
    match <[Value; 1]>::try_from(paths) {
        Ok([path]) => (Vec::new(), Node::Data(path)),
        Err(paths) => {
            let list = STYLE.write(&Node::Data(Value::Array(paths)), 1);
            let each = Node::Expression(format!("toset({list})"));
            (vec![("for_each".to_owned(), each)], Node::Expression("each.value".to_owned()))
        }
    }
}

fn extension(asked: &Asked, wanted: &WantedExtension, blocks: &mut Vec<String>) {
    let given = parameters(&wanted.protected);
    blocks.extend(given.iter().map(|(_, name)| {
        format!("variable \"{name}\" {{\n  type      = string\n  sensitive = true\n  ephemeral = true\n}}")
    }));
    let (mut members, path) = on_machines(asked);
    members.extend([
        ("type".to_owned(), text_node(format!("Microsoft.Compute/virtualMachines/extensions@{API_VERSION}"))),
        ("parent_id".to_owned(), path),
        ("name".to_owned(), text_node(wanted.name.clone())),
        ("location".to_owned(), text_node(LOCATION.to_owned())),
        (
            "body".to_owned(),
            Node::Object(vec![("properties".to_owned(), Node::Object(Node::members(wanted.open_properties())))]),
        ),
    ]);
    if !given.is_empty() {
        // sent, and kept in no state file
        let secrets =
            given.into_iter().map(|(setting, name)| (setting.to_owned(), Node::Expression(format!("var.{name}"))));
        let secrets = vec![("protectedSettings".to_owned(), Node::Object(secrets.collect()))];
        members
            .push(("sensitive_body".to_owned(), Node::Object(vec![("properties".to_owned(), Node::Object(secrets))])));
    }
    blocks.push(format!("resource \"azapi_resource\" \"extension\" {}", STYLE.write(&Node::Object(members), 0)));
}

fn machine(asked: &Asked) -> String {
    let machine = asked.place.machines.first();
    let (group, name) = machine.map_or(("", ""), |machine| (&machine.group, &machine.name));
    let subscription = &asked.place.api.subscription_id;
    let mut body = MachineResource::registered().body();
    body.remove("location");
    let members = vec![
        ("type".to_owned(), text_node(format!("Microsoft.Compute/virtualMachines@{API_VERSION}"))),
        ("parent_id".to_owned(), text_node(format!("/subscriptions/{subscription}/resourceGroups/{group}"))),
        ("name".to_owned(), text_node(name.to_owned())),
        ("location".to_owned(), text_node(LOCATION.to_owned())),
        ("body".to_owned(), Node::Object(Node::members(body))),
    ];
    format!("resource \"azapi_resource\" \"machine\" {}", STYLE.write(&Node::Object(members), 0))
}

/// A role assignment at `scope`; the same role for the same principal always has the same id.
pub(super) fn role(api: &ApiPlace, scope: &str, version: &str, body: &Value) -> String {
    let of = |member: &str| body["properties"][member].as_str().unwrap_or_default().to_owned();
    let key = string(&format!("{scope} {} {}", of("principalId"), of("roleDefinitionId")));
    let members = vec![
        ("type".to_owned(), text_node(format!("Microsoft.Authorization/roleAssignments@{version}"))),
        ("parent_id".to_owned(), text_node(scope.to_owned())),
        ("name".to_owned(), Node::Expression(format!("uuidv5(\"url\", {key})"))),
        ("body".to_owned(), Node::Data(body.clone())),
    ];
    let resource = STYLE.write(&Node::Object(members), 0);
    format!("{}\n\nresource \"azapi_resource\" \"role\" {resource}", provider(api))
}

/// Takes the role assignment at `path` away.
pub(super) fn role_away(api: &ApiPlace, path: &str, version: &str) -> String {
    let members = vec![
        ("type".to_owned(), text_node(format!("Microsoft.Authorization/roleAssignments@{version}"))),
        ("resource_id".to_owned(), text_node(path.to_owned())),
        ("method".to_owned(), text_node("DELETE".to_owned())),
    ];
    let once = STYLE.write(&Node::Object(members), 0);
    format!("{}\n\nresource \"azapi_resource_action\" \"once\" {once}", provider(api))
}

/// Something that is done once, when it is applied.
fn action(asked: &Asked) -> String {
    let request = request(&asked.deed);
    let (mut members, path) = on_machines(asked);
    let is_extension = request.below.starts_with("/extensions/");
    let kind = if is_extension { "virtualMachines/extensions" } else { "virtualMachines" };
    let id = match (is_extension, path) {
        (true, Node::Data(Value::String(path))) => text_node(format!("{path}{}", request.below)),
        (true, _) => Node::Expression(format!("\"${{each.value}}{}\"", request.below)),
        (false, path) => path,
    };
    members.extend([
        ("type".to_owned(), text_node(format!("Microsoft.Compute/{kind}@{API_VERSION}"))),
        ("resource_id".to_owned(), id),
        ("method".to_owned(), text_node(request.method.to_owned())),
    ]);
    if !is_extension && let Some(word) = request.below.strip_prefix('/') {
        members.push(("action".to_owned(), text_node(word.to_owned())));
    }
    match request.body {
        Body::None => {}
        Body::Json(value) => members.push(("body".to_owned(), Node::Data(value))),
        Body::NewTag => {
            let tag = vec![("forceUpdateTag".to_owned(), Node::Expression("timestamp()".to_owned()))];
            members.push(("body".to_owned(), Node::Object(vec![("properties".to_owned(), Node::Object(tag))])));
        }
    }
    format!("resource \"azapi_resource_action\" \"once\" {}", STYLE.write(&Node::Object(members), 0))
}

fn text_node(text: String) -> Node {
    Node::Data(Value::String(text))
}

/// A text in double quotes. `${` and `%{` would begin an expression; doubled they are text. After another sign of the
/// same kind doubling is ambiguous, so that one is written by its number.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().copied().enumerate() {
        let next = chars.get(at + 1).copied();
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if next == Some(c) && opens(&chars[at..], c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            '$' | '%' if next == Some('{') => out.extend([c, c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Does a run of `sign` end before a brace?
fn opens(text: &[char], sign: char) -> bool {
    text.iter().find(|c| **c != sign) == Some(&'{')
}
