import type { PolicyFile, RewardFinding } from '@rlaas/schemas';
import type { FileMistake, MarkMistake } from '../policy-files/policy-text.ts';
import type { PolicyServer } from './policy-server.ts';

/** What the installation finds in the rewards of a file, at its places there. */
export interface CheckedReward {
  mistakes: FileMistake[];
  /** What may not be meant. */
  notes: string[];
}

/** Asks the installation what it thinks of the rewards of a file, which only it can tell, before anything is changed. */
export async function checkReward(
  { reward, mark }: Pick<PolicyFile, 'reward'> & { mark: MarkMistake },
  server: PolicyServer,
): Promise<CheckedReward> {
  if (!reward) return { mistakes: [], notes: [] };
  const { mistakes, warnings } = await server.validate(reward);
  const placed = (finding: RewardFinding): FileMistake => {
    const path = finding.path.split('/').slice(1).map(unescaped);
    const value = path.reduce<unknown>(
      (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
      reward,
    );
    const steps = ['reward', ...path].map((name) => (/^\d+$/.test(name) ? Number(name) : name));
    const message = `reward${finding.path.replaceAll('/', '.')}: ${finding.message}`;
    const { offset } = finding;
    return mark(
      steps,
      message,
      typeof value === 'string' && offset !== undefined ? { value, offset } : undefined,
    );
  };
  return {
    mistakes: mistakes.map(placed),
    notes: warnings.map((finding) => {
      const { line, column, message } = placed(finding);
      return `line ${line}:${column}: ${message}`;
    }),
  };
}

function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}
