//! Logs that the agent collected.

use domain::{agent_history::AgentLog, ids::VmId};
use leptos::prelude::*;

use crate::{
    paths,
    ui::{Ago, Icon, bytes},
};

/// The logs that are kept, each to download; nothing where none has arrived.
pub fn card(vm: VmId, logs: Vec<AgentLog>) -> AnyView {
    if logs.is_empty() {
        return ().into_any();
    }
    let rows = logs
        .into_iter()
        .map(|log| {
            let href = paths::vm_agent_log(vm, log.number);
            let label = format!("Download log {}", log.number);
            view! {
                <li class="list-row">
                    <span class="grow grid">
                        <span class="text-table">{format!("Log {}, {}", log.number, bytes(log.bytes))}</span>
                        <span class="meta">
                            <Ago at=log.at />
                        </span>
                    </span>
                    <a class="btn btn-sm" href=href rel="external" download="" aria-label=label>
                        <Icon name="download" class="icon-14" />
                        "Download"
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="agent-logs">
            <div class="card-head">
                <h2 id="agent-logs">"Collected logs"</h2>
                <span class="meta">"the newest three are kept"</span>
            </div>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}
