//! Which messages to show while somebody is still typing.

use std::collections::BTreeSet;

use domain::fault::Fault;
use leptos::ev::Event;
use wasm_bindgen::JsCast;

/// What of a fault is about touched fields, or about no field at all. `None`: nothing to show yet.
pub(super) fn only_touched(fault: &Fault, touched: &BTreeSet<String>) -> Option<Fault> {
    let details: Vec<Fault> = fault.details.iter().filter_map(|d| only_touched(d, touched)).collect();
    let own = match &fault.target {
        Some(target) => touched.contains(target),
        None => fault.details.is_empty(),
    };
    (own || !details.is_empty()).then(|| Fault { details, ..fault.clone() })
}

/// The fault target of the input that an event came from.
pub(super) fn target_of_input(event: &Event) -> Option<String> {
    let input = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    target_of_name(&input.get_attribute("name")?)
}

/// `form[settings][port]` is about `settings.port`.
fn target_of_name(name: &str) -> Option<String> {
    let inside = |prefix: &str| name.strip_prefix(prefix)?.strip_suffix(']');
    match name {
        "form[name]" => Some("name".into()),
        "form[settings_json]" => Some("settings".into()),
        "form[targets][]" => Some("targets".into()),
        _ => inside("form[settings][")
            .map(|field| format!("settings.{field}"))
            .or_else(|| inside("form[protected][").map(|field| format!("protectedSettings.{field}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_fields_keep_quiet() {
        let fault = Fault::from_findings(
            "Some settings are not right.",
            vec![Fault::invalid("settings.port", "a"), Fault::invalid("settings.host", "b")],
        )
        .expect("findings");
        let touched = BTreeSet::from([target_of_name("form[settings][port]").expect("a target")]);
        let shown = only_touched(&fault, &touched).expect("one is shown");
        assert_eq!((shown.messages_for("settings.port").len(), shown.messages_for("settings.host").len()), (1, 0));
        assert_eq!(only_touched(&fault, &BTreeSet::new()), None);
        assert!(only_touched(&Fault::not_allowed("no"), &BTreeSet::new()).is_some(), "general faults are shown");
        assert_eq!(target_of_name("form[protected][key]").as_deref(), Some("protectedSettings.key"));
        assert_eq!(target_of_name("form[version]"), None);
    }
}
