-- The running example of the documentation: tenant "acme-support", its key "acme-support-key" and its policy
-- "support-draft" with version "support-draft-v0" in status "shadow". Run it as a member of rlaas_owner
-- (`rlaas seed`, or psql); it may run any number of times and changes nothing that is there already.
begin;
set local role rlaas_owner;
select set_config('rlaas.tenants', '{0190a000-0000-7000-8000-000000000001}', true);

insert into rlaas.tenants (id, slug, name)
values ('0190a000-0000-7000-8000-000000000001', 'acme-support', 'Acme support desk')
on conflict do nothing;

-- A row like any other. Since the key is printed in the documentation, services refuse it in production.
insert into rlaas.api_keys (id, tenant_id, name, prefix, hash, kind, scopes)
values (
  '0190a000-0000-7000-8000-000000000002', '0190a000-0000-7000-8000-000000000001', 'seed key', 'acme-support-key',
  sha256('acme-support-key'), 'secret', '{admin}'
)
on conflict do nothing;

insert into rlaas.policies (tenant_id, name, configuration, source)
values (
  '0190a000-0000-7000-8000-000000000001', 'support-draft',
  '{
    "description": "Which style of draft the assistant offers for a support ticket.",
    "actions": [
      {"id": "template", "description": "Fill the closest reply template; the baseline."},
      {"id": "concise", "description": "Three sentences at most."},
      {"id": "empathetic", "description": "Acknowledge the trouble first, then answer."},
      {"id": "step-by-step", "description": "Numbered steps with one question at the end."}
    ],
    "baseline_exploration": 0.1
  }',
  'seed'
)
on conflict do nothing;

insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
values (
  '0190a000-0000-7000-8000-000000000001', 'support-draft', 'support-draft-v0', 'shadow',
  '{
    "description": "The first version that learns: linear scores, square-root exploration.",
    "explorer": {"kind": "squarecb", "gamma_scale": 10},
    "minimum_probability": 0.1,
    "learner": {
      "estimator": "mtr", "learning_rate": 0.5, "bits": 18,
      "interactions": [["context", "action"]], "action_id_feature": true
    }
  }',
  'seed'
)
on conflict do nothing;
commit;
