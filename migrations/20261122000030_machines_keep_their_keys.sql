-- Every machine makes its own key pair and sends the certificate; no private key of a machine is kept here.
alter table guest_agents drop column tenant_key;
