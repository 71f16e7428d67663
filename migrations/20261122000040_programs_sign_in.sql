-- programs that sign in by themselves; their secrets are kept as hashes
create table service_principals (
    id text primary key,
    app_id text not null unique,
    name text not null,
    name_key text not null unique,
    enabled bigint not null,
    created_at bigint not null,
    created_by text not null,
    changed_at bigint not null,
    last_sign_in_at bigint
);

create table service_principal_secrets (
    id text primary key,
    principal_id text not null references service_principals (id) on delete cascade,
    secret_hash text not null,
    hint text not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index service_principal_secrets_principal on service_principal_secrets (principal_id);

-- a role given to an account, a service principal or a machine, at a scope; scope_key is equal for equal scopes
create table role_assignments (
    id text primary key,
    principal_id text not null,
    principal_kind text not null,
    role text not null,
    scope text not null,
    scope_key text not null,
    created_at bigint not null,
    created_by text not null,
    unique (principal_id, role, scope_key)
);
create index role_assignments_scope on role_assignments (scope_key);

-- keys that tokens are signed with; the private part is sealed with the installation's key, which is not in the database
create table token_keys (
    id text primary key,
    modulus text not null,
    exponent text not null,
    private_key text not null,
    created_at bigint not null,
    retired_at bigint
);
