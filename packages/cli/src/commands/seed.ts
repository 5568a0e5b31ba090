import { seed } from '@rlaas/database';
import { SEED_API_KEY } from '@rlaas/schemas';
import type { CommandContext } from '../command-context.ts';
import { requireOwner } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

/** `rlaas seed`: the example tenant with its key, policy, version and a week of events. */
export async function seedCommand(context: CommandContext): Promise<void> {
  if (context.environment['RLAAS_ENV'] === 'production') {
    throw new CommandError(
      EXIT.configuration,
      'RLAAS_ENV is production, where the seed key is refused: there is nothing to seed. Make a tenant and a key instead: "rlaas key create --help".',
    );
  }
  const { ownerUrl } = await requireOwner(context);
  await seed({ ownerUrl });
  context.print(
    `Seeded tenant acme-support with key ${SEED_API_KEY}, policy support-draft, version support-draft-v0.`,
  );
}
