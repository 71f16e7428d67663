//! The rule of `domain::guest_agent::AgentHealth` and `domain::agent_trouble` as SQL: for filters and counts over machines that
//! are not read one by one. A test asks both about the same machines.
//!
//! All texts speak of `vms v left join guest_agents a`. Placeholders: when contact, goal states and reports are too old.

use domain::{
    guest_agent::{SILENT_AFTER_MS, SILENT_AFTER_POLLING_MS, UNREPORTED_AFTER_MS},
    timestamp::Timestamp,
};

/// What is bound to the placeholders, in their order.
pub(crate) const fn limits(now: Timestamp) -> [i64; 3] {
    let now = now.millis();
    [now - SILENT_AFTER_MS, now - SILENT_AFTER_POLLING_MS, now - UNREPORTED_AFTER_MS]
}

/// 1 while a change that the machine picked up has not ended.
macro_rules! at_work {
    () => {
        "case when exists (select 1 from operation_targets t where t.open = 1 and t.vm_id = v.id \
         and t.picked_up_at is not null) then 1 else 0 end"
    };
}
pub(crate) use at_work;

/// Is an agent that was heard of in trouble?
macro_rules! not_responding {
    ($silent:literal, $unasked:literal, $unreported:literal) => {
        concat!(
            "(a.last_contact_at < ",
            $silent,
            " or (a.relay_version is not null and (a.process_runs = 0 or (a.enrolled_at < ",
            $unasked,
            " and coalesce(a.holder_since, 0) < ",
            $unasked,
            " and coalesce(a.agent_fetched_at, 0) < ",
            $unasked,
            ") or (a.enrolled_at < ",
            $unreported,
            " and coalesce(a.holder_since, 0) < ",
            $unreported,
            " and coalesce(a.agent_reported_at, 0) < ",
            $unreported,
            " and coalesce(a.last_status_at, 0) < ",
            $unreported,
            " and not exists (select 1 from operation_targets t where t.open = 1 and t.vm_id = v.id \
              and t.picked_up_at is not null)))))"
        )
    };
}
pub(crate) use not_responding;

/// A machine's `HealthWord`.
macro_rules! health_word {
    ($silent:literal, $unasked:literal, $unreported:literal) => {
        concat!(
            "case when a.vm_id is null then 'not-installed' when v.power in ('stopped', 'stopping') then 'off' \
             when a.last_contact_at is null then 'never-seen' when ",
            $crate::health::not_responding!($silent, $unasked, $unreported),
            " then 'not-responding' else 'ready' end"
        )
    };
}
pub(crate) use health_word;
