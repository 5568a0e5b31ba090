import { withOwner } from '../src/migrate.ts';

/** Everything that migrations make, one line each, sorted: two databases with the same lines are the same. */
export async function catalogue(ownerUrl: string): Promise<string[]> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      select format('column %s.%s %s %s default %s', c.table_name, c.column_name, c.data_type, c.is_nullable,
                    c.column_default) as line
      from information_schema.columns c where c.table_schema = 'rlaas'
      union all
      select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'rlaas'::regnamespace
      union all
      select format('index %s', indexdef) from pg_indexes where schemaname = 'rlaas'
      union all
      select format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check)
      from pg_policies where schemaname = 'rlaas'
      union all
      select format('table %s owner %s rls %s forced %s grants %s comment %s', relname, relowner::regrole,
                    relrowsecurity, relforcerowsecurity, relacl, obj_description(oid, 'pg_class'))
      from pg_class where relnamespace = 'rlaas'::regnamespace and relkind in ('r', 'p', 'S', 'v')
      union all
      select format('column grant %s.%s %s', attrelid::regclass, attname, attacl)
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'rlaas'::regnamespace and attacl is not null
      union all
      select format('function %s owner %s grants %s: %s', oid::regprocedure, proowner::regrole, proacl,
                    pg_get_functiondef(oid))
      from pg_proc where pronamespace = 'rlaas'::regnamespace
      union all
      select format('schema %s owner %s grants %s', nspname, nspowner::regrole, nspacl)
      from pg_namespace where nspname = 'rlaas'
      union all
      select format('migration %s', name) from rlaas.migrations
      order by 1`);
    return rows.map((row) => row.line);
  });
}
