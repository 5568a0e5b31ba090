import { migrate } from '@rlaas/database';
import type { CommandContext } from '../command-context.ts';
import { requireOwner } from '../connection.ts';

/** `rlaas migrate`: roles, the services' login, migrations. */
export async function migrateCommand(context: CommandContext): Promise<void> {
  const { ownerUrl, appUrl } = await requireOwner(context);
  const done = await migrate({ ownerUrl, ...(appUrl ? { appUrl } : {}), log: context.print });
  context.print(done.length === 0 ? 'The database is up to date.' : `Ran ${done.join(', ')}.`);
}
