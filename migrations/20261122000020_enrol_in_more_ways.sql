-- an agent is present (ARM's provisionVMAgent): set when one enrols or reports, or by hand for one that was installed before
alter table vms add column provision_guest_agent bigint not null default 0;
update vms set provision_guest_agent = 1 where id in (select vm_id from guest_agents);

-- tokens that are kept in images; only their hashes are kept
create table image_tokens (
    id text primary key,
    token_hash text not null unique,
    name_prefix text not null,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    uses_allowed bigint not null,
    uses bigint not null,
    revoked_at bigint
);
