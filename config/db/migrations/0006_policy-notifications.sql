-- Gateways hear of what they serve as soon as it is committed; where they cannot listen they look each second.
create function rlaas.notify_policies() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp
  as $$
  begin
    -- Without a payload: equal ones of a transaction are sent once, and who hears it looks for itself.
    perform pg_notify('rlaas_policies', '');
    return null;
  end
  $$;

do $$
declare
  t text;
begin
  foreach t in array array['policies', 'policy_versions', 'checkpoints', 'tenants'] loop
    execute format(
      'create trigger notify_policies after insert or update or delete on rlaas.%I
         for each statement execute function rlaas.notify_policies()', t);
  end loop;
end
$$;
