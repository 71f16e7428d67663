//! The extensions of one machine as a table; two-line rows on small screens.

use domain::{extension::ExtensionSummary, ids::VmId};
use leptos::prelude::*;

use super::states::ExtensionChip;
use crate::{
    paths,
    ui::{Ago, Icon, StateChip},
};

/// One row for each extension.
#[component]
pub fn ExtensionTable(
    /// The machine.
    vm: VmId,
    /// Its extensions.
    extensions: Vec<ExtensionSummary>,
) -> impl IntoView {
    let rows = extensions.into_iter().map(|summary| row(vm, summary)).collect_view();
    view! {
        <div class="table-wrap">
            <table role="table" class="virtual-table is-list">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">
                            "Extension"
                        </th>
                        <th role="columnheader" scope="col">
                            "State"
                        </th>
                        <th role="columnheader" scope="col">
                            "Last report"
                        </th>
                        <th role="columnheader" scope="col" class="num">
                            "When"
                        </th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

fn row(vm: VmId, summary: ExtensionSummary) -> impl IntoView {
    let extension = summary.extension;
    let href = paths::vm_extension(vm, &extension.name);
    // usually the name is the type; when it is not, both help
    let named = if extension.name.as_str() == extension.extension_type.as_str() {
        extension.handler_name()
    } else {
        format!("{} · {}", extension.name, extension.handler_name())
    };
    let open = summary.open_operation.map(paths::operation);
    view! {
        <tr role="row">
            <td role="cell" class="t-name !py-2">
                <span class="flex items-center gap-3">
                    <span class="ext-glyph is-sm">
                        <Icon name="box" />
                    </span>
                    <span>
                        <a class="name-cell" href=href>
                            {summary.title}
                        </a>
                        " "
                        <span class="mono text-subtle">{extension.version.to_string()}</span>
                        <span class="meta hide-small block">{named}</span>
                    </span>
                </span>
            </td>
            <td role="cell" class="t-state">
                <span class="row-wrap !gap-1">
                    <ExtensionChip state=summary.state />
                    {summary
                        .update
                        .map(|version| {
                            let label = format!("{version} available");
                            view! { <StateChip state="update" icon="arrow-up" label /> }
                        })}
                </span>
            </td>
            <td role="cell" class="t-meta wrap text-muted">
                {summary.message}
                {open.map(|href| view! { " " <a class="link" href=href>"Watch"</a> })}
            </td>
            <td role="cell" class="num text-muted">
                {summary.reported_at.map(|at| view! { <Ago at /> })}
            </td>
        </tr>
    }
}
