//! The texts, read again by what will read them.

use std::process::Command;

use serde_json::{Value, json};

use super::*;

/// Values that want to be something else.
const HOSTILE: &str = "it's \"x\" $HOME ${HOME} $${a} %{if} %%{b} `id` $(id) ''' \\ \n*\t[x] <a> &amp; ü \u{1}";

fn place(machines: &[(&str, &str)]) -> Place {
    Place {
        api: ApiPlace {
            url: "https://localhost:8443".into(),
            subscription_id: "11111111-2222-3333-4444-555555555555".into(),
        },
        machines: machines.iter().map(|(group, name)| MachinePlace::new(group, name)).collect(),
    }
}

fn wanted(settings: Value, protected: &[&str]) -> WantedExtension {
    WantedExtension {
        name: "CustomScript".into(),
        publisher: "Annex.Extensions".into(),
        extension_type: "CustomScript".into(),
        version: "1.1.0".parse().expect("a version"),
        settings,
        protected: protected.iter().map(ToString::to_string).collect(),
        order: Vec::new(),
    }
}

fn shown(dialect: Dialect, machines: &[(&str, &str)], deed: Deed) -> String {
    match show(dialect, &Asked { place: place(machines), deed }) {
        Shown::Text(text) => text,
        Shown::No(why) => panic!("{dialect:?}: {why}"),
    }
}

/// The words of every command in `text` as a real shell sees them: a function stands in the place of `command`. It says
/// nothing to the call that asks for a token.
fn words(text: &str, command: &str) -> Vec<Vec<String>> {
    let script = format!(
        "set -eu\nAPP_ID=app APP_SECRET=secret TOKEN=t\n{command}() {{ case \"$*\" in *oauth2/token*) return;; esac; printf '%s\\036' \"$@\"; printf '\\035'; }}\n{text}\n"
    );
    let output = Command::new("sh").arg("-c").arg(script).output().expect("a shell");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("text");
    let calls = printed.split('\u{1d}').filter(|call| !call.is_empty());
    calls.map(|call| call.split('\u{1e}').map(str::to_owned).filter(|word| !word.is_empty()).collect()).collect()
}

fn after<'a>(words: &'a [String], option: &str) -> &'a str {
    let at = words.iter().position(|word| word == option).unwrap_or_else(|| panic!("no {option} in {words:?}"));
    &words[at + 1]
}

#[test]
fn az_installs_with_one_line_that_a_shell_reads_back() {
    let settings = json!({ "commandToExecute": HOSTILE, "n": 7 });
    let text = shown(Dialect::Az, &[("lab", "lab-1")], Deed::Put(wanted(settings.clone(), &["it's"])));
    let calls = words(&text, "az");
    assert_eq!(calls.len(), 1, "{text}");
    assert_eq!(calls[0][..3], ["vm", "extension", "set"]);
    let value = |option: &str| serde_json::from_str::<Value>(after(&calls[0], option)).expect("JSON");
    assert_eq!(value("--settings"), settings);
    assert_eq!(value("--protected-settings"), json!({ "it's": "<it's>" }));
    for (option, expected) in [
        ("--resource-group", "lab"),
        ("--vm-name", "lab-1"),
        ("--publisher", "Annex.Extensions"),
        ("--name", "CustomScript"),
        ("--version", "1.1"),
        ("--no-auto-upgrade-minor-version", "true"),
    ] {
        assert_eq!(after(&calls[0], option), expected);
    }
    assert!(!text.contains("--extension-instance-name"), "{text}");
}

#[test]
fn several_machines_are_a_loop_for_each_group() {
    let machines = [("lab", "a"), ("prod", "c"), ("Lab", "b")];
    let text = shown(Dialect::Az, &machines, Deed::Remove { name: "CustomScript".into() });
    let calls: Vec<(String, String)> = words(&text, "az")
        .iter()
        .map(|call| (after(call, "--resource-group").to_owned(), after(call, "--vm-name").to_owned()))
        .collect();
    let expected = [("lab", "a"), ("lab", "b"), ("prod", "c")].map(|(group, name)| (group.to_owned(), name.to_owned()));
    assert_eq!(calls, expected, "{text}");
    let rest = shown(Dialect::Rest, &machines, Deed::Remove { name: "CustomScript".into() });
    let urls: Vec<String> = words(&rest, "curl").iter().map(|call| after(call, "DELETE").to_owned()).collect();
    assert_eq!(urls.len(), 3);
    assert!(
        urls[1].contains("/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/b/extensions/CustomScript?")
    );
}

#[test]
fn what_az_would_lose_goes_by_az_rest() {
    let secret = wanted(json!({ "a": 1 }), &["key"]);
    let text = shown(Dialect::Az, &[("lab", "lab-1")], Deed::ChangeSettings(secret.clone()));
    let call = &words(&text, "az")[0];
    assert_eq!((call[0].as_str(), after(call, "--method")), ("rest", "patch"));
    assert!(after(call, "--url").starts_with("/subscriptions/1111"), "{call:?}");
    let body: Value = serde_json::from_str(after(call, "--body")).expect("JSON");
    assert_eq!(body, json!({ "properties": { "settings": { "a": 1 } } }), "secrets that stay are not sent");

    let text = shown(Dialect::Az, &[("lab", "lab-1")], Deed::RunAgain(secret.clone()));
    let body: Value = serde_json::from_str(after(&words(&text, "az")[0], "--body")).expect("JSON");
    assert!(body["properties"]["forceUpdateTag"].as_str().is_some_and(|tag| tag.len() > 9), "{body}");

    let ordered = WantedExtension { order: vec!["First".into()], ..secret };
    let text = shown(Dialect::Az, &[("lab", "lab-1")], Deed::Put(ordered));
    let body: Value = serde_json::from_str(after(&words(&text, "az")[0], "--body")).expect("JSON");
    assert_eq!(body["properties"]["provisionAfterExtensions"], json!(["First"]));
    assert_eq!(body["properties"]["protectedSettings"], json!({ "key": "<key>" }));
}

#[test]
fn rest_sends_the_body_that_the_contract_names() {
    let settings = json!({ "commandToExecute": HOSTILE });
    let text = shown(Dialect::Rest, &[("lab", "lab-1")], Deed::Put(wanted(settings.clone(), &["key"])));
    let call = words(&text, "curl").pop().expect("a call");
    assert_eq!(
        after(&call, "PUT"),
        "https://localhost:8443/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/lab-1/extensions/CustomScript?api-version=2024-11-01"
    );
    let body: Value = serde_json::from_str(after(&call, "-d")).expect("JSON");
    let expected = json!({ "location": "annex", "properties": {
        "publisher": "Annex.Extensions", "type": "CustomScript", "typeHandlerVersion": "1.1", "autoUpgradeMinorVersion": false,
        "settings": settings, "protectedSettings": { "key": "<key>" },
    }});
    assert_eq!(body, expected);
    assert!(text.contains("--cacert annex-ca.pem") && text.contains("$TOKEN"), "{text}");
}

#[test]
fn the_token_is_taken_out_of_what_the_server_answers() {
    let text = shown(Dialect::Rest, &[("lab", "lab-1")], Deed::Decommission);
    let script = format!(
        "curl() {{ case \"$*\" in *oauth2/token*) cat >/dev/null; printf '%s' '{{\"token_type\":\"Bearer\",\"access_token\":\"aa.bb-c_d\",\"expires_in\":1}}';; *) printf '%s|' \"$@\";; esac; }}\nAPP_ID=a APP_SECRET=b\n{text}"
    );
    let output = Command::new("sh").arg("-c").arg(script).output().expect("a shell");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("|Authorization: Bearer aa.bb-c_d|"), "{printed}");
}

#[test]
fn arm_parameters_are_secure_and_text_in_brackets_stays_text() {
    let settings = json!({ "a": "[concat('x')]", "b": ["[y]"], "c": "[no" });
    let text = shown(Dialect::Arm, &[("lab", "lab-1")], Deed::Put(wanted(settings, &["key", "my-key", "machines"])));
    let template: Value = serde_json::from_str(&text).expect("JSON");
    let resource = &template["resources"][0];
    assert_eq!(resource["name"], "lab-1/CustomScript");
    assert_eq!(resource["properties"]["settings"], json!({ "a": "[[concat('x')]", "b": ["[[y]"], "c": "[no" }));
    assert_eq!(
        resource["properties"]["protectedSettings"],
        json!({ "key": "[parameters('key')]", "my-key": "[parameters('my_key')]", "machines": "[parameters('secret_machines')]" })
    );
    for name in ["key", "my_key", "secret_machines"] {
        assert_eq!(template["parameters"][name], json!({ "type": "securestring" }));
    }
}

#[test]
fn arm_copies_over_several_machines_and_says_which_group_has_which() {
    let machines = [("lab", "a"), ("lab", "b"), ("prod", "c")];
    let text = shown(Dialect::Arm, &machines, Deed::RunAgain(wanted(json!({}), &[])));
    let template: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(template["parameters"]["machines"]["defaultValue"], json!(["a", "b"]));
    assert_eq!(template["resources"][0]["copy"]["count"], "[length(parameters('machines'))]");
    assert_eq!(template["resources"][0]["properties"]["forceUpdateTag"], "[parameters('forceUpdateTag')]");
    assert_eq!(template["parameters"]["forceUpdateTag"]["defaultValue"], "[utcNow()]");
    assert!(template["metadata"]["description"].as_str().is_some_and(|note| note.contains("prod: c")));
}

#[test]
fn bicep_text_is_text() {
    let settings =
        json!({ "s": "a'b\\c\n${x} $y '''", "f": 1.5, "n": -3, "list": [true, null], "odd-key": {}, "if": 1 });
    let text = shown(Dialect::Bicep, &[("lab", "lab-1")], Deed::Put(wanted(settings, &["key"])));
    let expected = r"@secure()
param key string

resource vm 'Microsoft.Compute/virtualMachines@2024-11-01' existing = {
  name: 'lab-1'
}

resource extension 'Microsoft.Compute/virtualMachines/extensions@2024-11-01' = {
  parent: vm
  name: 'CustomScript'
  location: 'annex'
  properties: {
    publisher: 'Annex.Extensions'
    type: 'CustomScript'
    typeHandlerVersion: '1.1'
    autoUpgradeMinorVersion: false
    settings: {
      s: 'a\'b\\c\n\${x} $y \'\'\''
      f: json('1.5')
      n: -3
      list: [
        true
        null
      ]
      'odd-key': {}
      'if': 1
    }
    protectedSettings: {
      key: key
    }
  }
}";
    assert_eq!(text, expected);
    let several = shown(Dialect::Bicep, &[("lab", "a"), ("lab", "b")], Deed::Put(wanted(json!({}), &[])));
    assert!(several.contains("param machines array = [\n  'a'\n  'b'\n]"), "{several}");
    assert!(several.contains("= [for i in range(0, length(machines)): {\n  parent: vms[i]\n"), "{several}");
}

#[test]
fn terraform_text_is_read_back_by_a_parser() {
    let settings = json!({ "s": HOSTILE, "f": 1.5, "list": ["$${", "100%%", "a$$b"], "odd-key": null, "if": {} });
    let text = shown(Dialect::Terraform, &[("lab", "a"), ("prod", "b")], Deed::Put(wanted(settings.clone(), &["key"])));
    let body: Value = hcl::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let resource = &body["resource"]["azapi_resource"]["extension"];
    assert_eq!(resource["body"]["properties"]["settings"], settings, "{text}");
    assert_eq!(resource["sensitive_body"]["properties"]["protectedSettings"]["key"], "${var.key}");
    assert_eq!(resource["parent_id"], "${each.value}");
    assert_eq!(body["variable"]["key"]["sensitive"], true);
    assert_eq!(body["provider"]["azapi"]["endpoint"][0]["resource_manager_endpoint"], "https://localhost:8443");
}

#[test]
fn terraform_does_once_what_is_done_once() {
    let text = shown(Dialect::Terraform, &[("lab", "lab-1")], Deed::Power(PowerAction::Stop));
    let body: Value = hcl::from_str(&text).expect("HCL");
    let action = &body["resource"]["azapi_resource_action"]["once"];
    assert_eq!((&action["action"], &action["method"]), (&json!("powerOff"), &json!("POST")));
    let several = shown(Dialect::Terraform, &[("lab", "a"), ("lab", "b")], Deed::RunAgain(wanted(json!({}), &[])));
    let body: Value = hcl::from_str(&several).unwrap_or_else(|error| panic!("{error}\n{several}"));
    let action = &body["resource"]["azapi_resource_action"]["once"];
    assert_eq!(action["resource_id"], "${each.value}/extensions/CustomScript");
    assert_eq!(action["method"], "PATCH");
}

#[test]
fn machines_are_registered_tagged_and_closed() {
    let tags = [("it's".to_owned(), "a=b".to_owned())].into();
    let machine =
        MachineResource { location: crate::name::Location::usual(), tags, allow_extensions: false, has_agent: true };
    let on = [("lab", "web-1")];
    let call = words(&shown(Dialect::Az, &on, Deed::SetTags(machine.clone())), "az").pop().expect("a call");
    assert_eq!(after(&call, "--set"), r#"tags={"it's":"a=b"}"#);
    let call = words(&shown(Dialect::Rest, &on, Deed::AllowExtensions(machine.clone())), "curl").pop().expect("a call");
    let body: Value = serde_json::from_str(after(&call, "-d")).expect("JSON");
    assert_eq!(body, json!({ "properties": { "osProfile": { "allowExtensionOperations": false } } }));
    let call = words(&shown(Dialect::Az, &on, Deed::Register), "az").pop().expect("a call");
    let body: Value = serde_json::from_str(after(&call, "--body")).expect("JSON");
    assert_eq!(
        (after(&call, "--method"), body),
        (
            "put",
            json!({ "location": "annex", "properties": { "osProfile": { "linuxConfiguration": { "provisionVMAgent": false } } } })
        )
    );
    let template: Value = serde_json::from_str(&shown(Dialect::Arm, &on, Deed::SetTags(machine))).expect("JSON");
    assert_eq!(template["resources"][0]["tags"], json!({ "it's": "a=b" }));
    assert_eq!(template["resources"][0]["properties"]["osProfile"]["allowExtensionOperations"], false);
}

#[test]
fn what_cannot_be_said_is_said() {
    for dialect in [Dialect::Arm, Dialect::Bicep] {
        for deed in [Deed::Power(PowerAction::Start), Deed::Decommission, Deed::Remove { name: "a".into() }] {
            assert_eq!(show(dialect, &Asked { place: place(&[("lab", "a")]), deed }), Shown::No(NO_TEMPLATE));
        }
    }
    for dialect in Dialect::ALL {
        let asked = Asked { place: place(&[("lab", "a")]), deed: Deed::PortalOnly("Because.") };
        assert_eq!(show(dialect, &asked), Shown::No("Because."));
        assert_eq!(Dialect::parse(dialect.code()), Some(dialect));
    }
}

#[test]
fn roles_are_given_and_taken_at_their_place() {
    let give = |place| {
        Deed::GiveRole(RoleToGive {
            principal: "99999999-0000-0000-0000-000000000000".into(),
            kind: crate::access::PrincipalKind::ServicePrincipal,
            role: crate::actor::Role::VmContributor,
            place,
        })
    };
    let machine = RolePlace::Machine(MachinePlace::new("lab", "web-1"));
    let scope = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/lab/providers/Microsoft.Compute/virtualMachines/web-1";
    let az = &words(&shown(Dialect::Az, &[], give(machine.clone())), "az")[0];
    assert_eq!(after(az, "--role"), "Virtual Machine Contributor");
    assert_eq!(after(az, "--scope"), scope);
    let rest = &words(&shown(Dialect::Rest, &[], give(machine.clone())), "curl")[0];
    let body: Value = serde_json::from_str(after(rest, "-d")).expect("JSON");
    let definition = body["properties"]["roleDefinitionId"].as_str().expect("a definition");
    assert!(definition.ends_with("/roleDefinitions/9980e02c-c2be-4d73-94e8-173b1dc7cf3c"), "{definition}");
    let url = rest.iter().find(|word| word.starts_with("https://")).expect("an address");
    assert!(
        url.starts_with(&format!("https://localhost:8443{scope}/providers/Microsoft.Authorization/roleAssignments/"))
    );
    let arm: Value = serde_json::from_str(&shown(Dialect::Arm, &[], give(machine.clone()))).expect("JSON");
    assert_eq!(arm["resources"][0]["scope"], "Microsoft.Compute/virtualMachines/web-1");
    assert!(shown(Dialect::Bicep, &[], give(RolePlace::Subscription)).starts_with("targetScope = 'subscription'"));
    assert!(shown(Dialect::Bicep, &[], give(machine.clone())).contains("  scope: vm\n"));
    for deed in [give(machine.clone()), give(RolePlace::Group("it's".into()))] {
        let text = shown(Dialect::Terraform, &[], deed);
        hcl::parse(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    }
    let take = Deed::TakeRole(RoleToTake { id: "77777777-0000-0000-0000-000000000000".into(), place: machine });
    let az = &words(&shown(Dialect::Az, &[], take.clone()), "az")[0];
    assert_eq!(
        after(az, "--ids"),
        format!("{scope}/providers/Microsoft.Authorization/roleAssignments/77777777-0000-0000-0000-000000000000")
    );
    assert!(shown(Dialect::Rest, &[], take.clone()).contains("-X DELETE"));
    hcl::parse(&shown(Dialect::Terraform, &[], take.clone())).expect("HCL");
    assert!(matches!(show(Dialect::Arm, &Asked { place: place(&[]), deed: take }), Shown::No(_)));
}
