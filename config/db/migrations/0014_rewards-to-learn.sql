-- What closed lately, whatever its deadline was: trainers look for it all the time.
create index rewards_closed on rlaas.rewards (tenant_id, policy, closed_at)
  where closed_at is not null and not recomputed;
