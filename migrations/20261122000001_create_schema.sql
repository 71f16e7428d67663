-- One text for SQLite and PostgreSQL: TEXT and BIGINT only. Times are unix milliseconds, flags 0 or 1, ids lower-case UUIDs.

create table counters (
    name text primary key,
    value bigint not null
);
insert into counters (name, value) values ('activity', 0);

create table server_settings (
    name text primary key,
    value text not null
);

create table accounts (
    id text primary key,
    name text not null,
    name_key text not null unique,
    role text not null,
    password_hash text not null,
    enabled bigint not null,
    created_at bigint not null,
    changed_at bigint not null,
    last_sign_in_at bigint
);

create table sessions (
    id text primary key,
    data text not null,
    expires_at bigint not null
);
create index sessions_expiry on sessions (expires_at);

create table vms (
    id text primary key,
    name text not null,
    name_key text not null,
    resource_group text not null,
    group_key text not null,
    kind text not null,
    power text not null,
    os text,
    architecture text,
    hostname text,
    machine_id text,
    tags text not null,
    search_text text not null,
    allow_extension_operations bigint not null,
    outside_network bigint not null,
    isolation text,
    incarnation bigint not null,
    goal_state_ticks bigint not null,
    created_at bigint not null,
    generation bigint not null,
    unique (group_key, name_key)
);

create table guest_agents (
    vm_id text primary key references vms (id) on delete cascade,
    kind text not null,
    version text not null,
    credential_hash text not null unique,
    certificate text,
    tenant_key text,
    enrolled_at bigint not null,
    last_contact_at bigint,
    last_status_at bigint,
    fetched_incarnation bigint,
    reported_incarnation bigint
);
create index guest_agents_contact on guest_agents (last_contact_at);

create table enrolment_tokens (
    id text primary key,
    token_hash text not null unique,
    vm_id text,
    vm_name text,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);

create table extension_images (
    handler_key text not null,
    version_key text not null,
    sha256 text not null,
    document text not null,
    published_at bigint not null,
    primary key (handler_key, version_key)
);

-- package bytes as base64 in pieces, so that every process on one database can serve them
create table package_chunks (
    sha256 text not null,
    number bigint not null,
    data text not null,
    primary key (sha256, number)
);

create table extensions (
    id text primary key,
    vm_id text not null references vms (id) on delete cascade,
    name text not null,
    name_key text not null,
    publisher text not null,
    extension_type text not null,
    handler_key text not null,
    version text not null,
    settings text not null,
    protected text,
    protected_note text,
    sequence_number bigint not null,
    incarnation bigint not null,
    removing bigint not null,
    provisioning_state text not null,
    provision_after text not null,
    revision bigint not null,
    report text,
    created_at bigint not null,
    changed_at bigint not null,
    generation bigint not null,
    unique (vm_id, name_key)
);
create index extensions_handler on extensions (handler_key);
create index extensions_state on extensions (provisioning_state);

create table extension_revisions (
    extension_id text not null references extensions (id) on delete cascade,
    number bigint not null,
    version text not null,
    settings text not null,
    protected text,
    protected_note text,
    provision_after text not null,
    actor text not null,
    at bigint not null,
    kind text not null,
    primary key (extension_id, number)
);

create table operations (
    id text primary key,
    kind text not null,
    subject text not null,
    actor text not null,
    accepted_at bigint not null,
    finished_at bigint,
    open bigint not null,
    failed bigint not null,
    retry_of text,
    search_text text not null
);
create index operations_list on operations (open, accepted_at);

create table operation_targets (
    operation_id text not null,
    vm_id text not null,
    vm_name text not null,
    extension_id text,
    extension_name text,
    handler_key text,
    kind text not null,
    incarnation bigint not null,
    sequence_number bigint,
    version text,
    state text not null,
    open bigint not null,
    steps text not null,
    message text not null,
    exit_code bigint,
    fault text,
    stdout text,
    stderr text,
    accepted_at bigint not null,
    picked_up_at bigint,
    finished_at bigint,
    generation bigint not null,
    revision bigint,
    run_incarnation bigint not null,
    run_base bigint not null,
    next_record bigint not null,
    output_bytes bigint not null,
    output_lines bigint not null,
    primary key (operation_id, vm_id)
);
create index operation_targets_open on operation_targets (open, vm_id);
create index operation_targets_extension on operation_targets (extension_id, accepted_at);
create index operation_targets_vm on operation_targets (vm_id, accepted_at);

create table run_records (
    operation_id text not null,
    vm_id text not null,
    n bigint not null,
    at bigint not null,
    entry text not null,
    primary key (operation_id, vm_id, n)
);

create table activity (
    number bigint primary key,
    at bigint not null,
    actor text not null,
    action text not null,
    outcome text not null,
    vm_id text,
    vm_name text,
    extension_name text,
    operation_id text,
    detail text,
    search_text text not null
);
create index activity_vm on activity (vm_id, number);
create index activity_operation on activity (operation_id);
