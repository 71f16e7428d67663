-- What an agent says about itself, and the history of a machine's agent.

alter table guest_agents add column relay_version text;
-- the process that holds the credential, and since when
alter table guest_agents add column holder text;
alter table guest_agents add column holder_since bigint;
alter table guest_agents add column life text;
alter table guest_agents add column boot text;
alter table guest_agents add column fingerprint text;
alter table guest_agents add column process_runs bigint;
alter table guest_agents add column process_since bigint;
alter table guest_agents add column clock_skew_ms bigint;
alter table guest_agents add column clock_wrong bigint;
alter table guest_agents add column agent_fetched_at bigint;
alter table guest_agents add column agent_reported_at bigint;
alter table guest_agents add column next_poll_ms bigint;
alter table guest_agents add column refused_at bigint;
alter table guest_agents add column refusal text;
-- the health that the history told last; empty: none yet
alter table guest_agents add column told_health text not null default '';

-- every process that showed a machine's credential, in the order of first appearance
create table agent_holders (
    vm_id text not null,
    holder text not null,
    first_at bigint not null,
    refused bigint not null,
    primary key (vm_id, holder)
);

-- credentials that an enrolment replaced: who still shows one is known by it
create table former_credentials (
    credential_hash text primary key,
    vm_id text not null,
    replaced_at bigint not null
);
create index former_credentials_vm on former_credentials (vm_id, replaced_at);

-- ids rise with time; standing is there where a machine's standing changed
create table agent_events (
    id text primary key,
    vm_id text not null,
    at bigint not null,
    kind text not null,
    subject text,
    detail text not null,
    standing text
);
create index agent_events_vm on agent_events (vm_id, at, id);

create table agent_logs (
    vm_id text not null,
    number bigint not null,
    at bigint not null,
    bytes bigint not null,
    primary key (vm_id, number)
);

-- base64 in pieces, as packages are kept
create table agent_log_chunks (
    vm_id text not null,
    number bigint not null,
    piece bigint not null,
    data text not null,
    primary key (vm_id, number, piece)
);

-- one row for each life of a server process: what nobody heard while none was there is unknown
create table server_lives (
    id text primary key,
    started_at bigint not null,
    last_at bigint not null
);
