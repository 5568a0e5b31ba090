import {
  type RewardFinding,
  type ValidatedRewardSpecification,
  rewardSpecificationSchema,
} from '@rlaas/schemas';
import { compileSpecification } from './compile.ts';
import { type SeenNames, unseenNames } from './known-names.ts';

/** Everything that is wrong with a definition, or may not be meant; nothing is saved. */
export function validateDefinition(definition: unknown, seen: SeenNames): ValidatedRewardSpecification {
  const parsed = rewardSpecificationSchema.safeParse(definition);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.flatMap(({ code, path, message, ...issue }): RewardFinding[] => {
      const keys = code === 'unrecognized_keys' && 'keys' in issue ? issue.keys : undefined;
      if (!keys) return [{ code: 'schema', path: pointerOf(path), message }];
      return keys.map((key) => ({
        code: 'schema',
        path: pointerOf([...path, key]),
        message: 'is not known here',
      }));
    });
    return { valid: false, mistakes, warnings: [] };
  }
  const compiled = compileSpecification(parsed.data);
  const warnings = [...compiled.warnings, ...unseenNames(parsed.data, seen)];
  return { valid: compiled.ok, mistakes: compiled.ok ? [] : compiled.mistakes, warnings };
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
