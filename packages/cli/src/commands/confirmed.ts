import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

/** Goes on when a person says yes, or has said so with --yes. @throws CommandError otherwise */
export async function confirmed(
  context: CommandContext,
  { yes }: { yes?: boolean },
  question: string,
): Promise<void> {
  if (yes === true) return;
  if (!context.confirm) throw new CommandError(EXIT.usage, 'Nobody can be asked here: say --yes.');
  if (!(await context.confirm(question))) throw new CommandError(EXIT.failed, 'Nothing was changed.');
}
