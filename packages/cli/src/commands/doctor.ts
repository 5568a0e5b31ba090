import { join } from 'node:path';
import { EnvironmentError, readEnvironment } from '@rlaas/service';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { checkDatabase } from '../doctor/database.ts';
import { checkDocker } from '../doctor/docker.ts';
import type { Finding } from '../doctor/finding.ts';
import { checkBinaries, checkDisk, checkEnvironmentFile, checkNode } from '../doctor/machine.ts';
import { checkPorts } from '../doctor/ports.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { table } from '../table.ts';

/** `rlaas doctor`: everything that can be looked at without changing anything, as a table. */
export async function doctorCommand(
  context: CommandContext,
  options: { docker?: boolean },
  freeBytes?: (folder: string) => number,
): Promise<void> {
  const { environment, root } = context;
  const findings: Finding[] = [
    checkNode(process.version),
    checkBinaries(!environment['DATABASE_URL']),
    checkDisk(join(root, '.rlaas'), freeBytes),
    checkEnvironmentFile(root),
    ...checkVariables(environment),
    ...(await checkPorts(environment)),
    ...(await checkDatabase(environment)),
    checkDocker(environment, options.docker === true),
  ];
  context.print(
    table(
      ['what', 'verdict', 'seen'],
      findings.map((finding) => [finding.what, finding.verdict, finding.message.replaceAll('\n', ' ')]),
    ),
  );
  const wrong = findings.filter((finding) => finding.verdict === 'wrong');
  const [first] = wrong;
  if (first) {
    throw new CommandError(
      first.exitCode ?? EXIT.failed,
      `${wrong.length} thing(s) to mend, see "wrong" above.`,
    );
  }
  context.print('\nNothing is wrong.');
}

/** Variables that look like ours and are not known: most likely spelling mistakes. */
function checkVariables(environment: CommandContext['environment']): Finding[] {
  try {
    readEnvironment(z.object({}), { source: environment });
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.mistakes.map((mistake) => ({
      what: 'environment',
      verdict: 'wrong',
      message: `${mistake.name} ${mistake.allowed}`,
      exitCode: EXIT.configuration,
    }));
  }
}
