-- A version may be held to one of its checkpoints: it learns on, and decides by that one.
alter table rlaas.policy_versions add column pinned_checkpoint integer;
comment on column rlaas.policy_versions.pinned_checkpoint is 'Number of the checkpoint that it decides by; null: the newest.';
alter table rlaas.policy_versions
  add foreign key (tenant_id, policy, name, pinned_checkpoint)
  references rlaas.checkpoints (tenant_id, policy, version, number);
grant update (pinned_checkpoint) on rlaas.policy_versions to rlaas_worker;
