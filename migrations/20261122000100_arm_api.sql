-- What the ARM API says of extensions, groups and machines, and its requests that were done at once.

alter table extensions add column options text not null default '{}';
alter table extension_revisions add column options text not null default '{}';
alter table vms add column location text not null default 'annex';

create table resource_groups (
    group_key text primary key,
    name text not null,
    location text not null,
    tags text not null,
    created_at bigint not null,
    generation bigint not null
);
insert into resource_groups (group_key, name, location, tags, created_at, generation)
    select group_key, min(resource_group), 'annex', '{}', min(created_at), 0 from vms group by group_key;

-- a client follows the address that it was given, also when nothing was left to wait for
create table settled_requests (
    id text primary key,
    accepted_at bigint not null,
    ended_at bigint not null
);
create index settled_requests_age on settled_requests (ended_at);
