//! One page of machines, and the address of the next one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{caller::Caller, error::RestError, id},
    body::{VmList, vm_body},
};
use crate::state::AppState;

/// Where a page begins.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct Page {
    /// From a `nextLink`.
    #[serde(rename = "$skiptoken", default)]
    skip: Option<String>,
    /// `instanceView` adds what the machines reported; `statusOnly=true` of older versions does the same.
    #[serde(rename = "$expand", default)]
    expand: Option<String>,
    /// See `$expand`.
    #[serde(rename = "statusOnly", default)]
    status_only: Option<String>,
    /// `'virtualMachineScaleSet/id' eq '…'`: there are no scale sets, so nothing is of one.
    #[serde(rename = "$filter", default)]
    filter: Option<String>,
}

impl Page {
    fn instance_view(&self) -> bool {
        let is = |value: &Option<String>, word: &str| value.as_deref().is_some_and(|v| v.eq_ignore_ascii_case(word));
        is(&self.expand, "instanceView") || is(&self.status_only, "true")
    }
}

pub(super) async fn page(
    state: &AppState,
    caller: &Caller,
    group: Option<String>,
    asked: Page,
) -> Result<VmList, RestError> {
    let after = asked.skip.as_deref().map(place).transpose()?;
    let found = state.control().vms_from(&caller.actor, group.as_deref(), after).await?;
    if asked.filter.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains("virtualmachinescaleset/id")) {
        return Ok(VmList { value: Vec::new(), next_link: None });
    }
    let mut value = Vec::with_capacity(found.machines.len());
    for machine in &found.machines {
        let versions = match asked.instance_view() {
            true => Some(state.control().versions_as_asked(&machine.extensions).await?),
            false => None,
        };
        value.push(vm_body(caller, machine, versions.as_deref()));
    }
    let next_link = found.next.map(|(last_group, last_name)| {
        let token = URL_SAFE_NO_PAD.encode(format!("{last_group}/{last_name}"));
        let at = match &group {
            Some(group) => id::group(&caller.subscription, group),
            None => id::subscription(&caller.subscription),
        };
        let expand = if asked.instance_view() { "&$expand=instanceView" } else { "" };
        format!(
            "{}{at}/providers/Microsoft.Compute/virtualMachines?api-version={}&$skiptoken={token}{expand}",
            caller.base, caller.api_version
        )
    });
    Ok(VmList { value, next_link })
}

fn place(token: &str) -> Result<(String, String), Fault> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.and_then(|text| text.split_once('/').map(|(group, name)| (group.to_owned(), name.to_owned())));
    place.ok_or_else(|| {
        Fault::invalid("$skiptoken", "This $skiptoken is none of ours. Begin without it, and follow nextLink as it is.")
    })
}
