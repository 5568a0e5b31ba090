-- The three roles of an installation. They belong to the whole server, so this runs before the migrations and may run
-- any number of times. `rlaas migrate` runs it when its login may create roles; else an administrator runs it once.
-- In either case the login of `rlaas migrate` must be a member of rlaas_owner, and rlaas_owner must be allowed to
-- create a schema in the database:
--   grant rlaas_owner to <login of migrate>;
--   grant create on database <database> to rlaas_owner;
-- and the login of the services a member of the other two, and nothing more:
--   create role rlaas_app login password '…' in role rlaas_api, rlaas_worker;
do $$
declare
  wanted text;
begin
  foreach wanted in array array['rlaas_owner', 'rlaas_api', 'rlaas_worker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        -- Another migration of another database on this server was faster.
        null;
      end;
    end if;
  end loop;
end
$$;
