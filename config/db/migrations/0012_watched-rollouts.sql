-- A rollout that begins anew assigns episodes anew, or gateways would go on with the shares that they remember.
grant update (salt) on rlaas.rollouts to rlaas_api, rlaas_worker;

-- The first decisions of an episode, without reading all of a long one.
drop index rlaas.events_by_episode;
create index events_by_episode on rlaas.events (tenant_id, policy, episode_id, occurred_at, id)
  where episode_id is not null;

-- Which rollout made a version active, the last time.
create index rollouts_of_versions on rlaas.rollouts (tenant_id, policy, version, id);
