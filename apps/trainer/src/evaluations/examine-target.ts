import type { Transaction } from '@rlaas/database';
import {
  type EvaluatedTarget,
  type EvaluationTarget,
  type VersionConfiguration,
  versionConfigurationSchema,
} from '@rlaas/schemas';
import { findScorableVersion } from '../store/evaluated-versions.ts';
import { findPolicy } from '../store/policies.ts';
import { findVersion } from '../store/policy-versions.ts';
import type { EvaluationRefusal } from './evaluation-refusal.ts';
import type { TargetSource } from './target-source.ts';

/** A version that is to be scored, whose checkpoint is not read yet. */
export interface VersionToScore {
  kind: 'version';
  version: string;
  configuration: VersionConfiguration;
  /** null: it has learned nothing. */
  checkpoint: { number: number; position: number; key: string; sha256: string } | null;
}

export interface ExaminedTarget {
  /** What was asked for, with what was not said filled in. */
  target: EvaluatedTarget;
  source: VersionToScore | Exclude<TargetSource, { kind: 'version' }>;
}

/** What a target is made of, or why it cannot be evaluated. */
export async function examineTarget(
  tx: Transaction,
  tenantId: string,
  { policy, target }: { policy: string; target: EvaluationTarget | EvaluatedTarget },
): Promise<ExaminedTarget | { refusal: EvaluationRefusal }> {
  const found = await findPolicy(tx, tenantId, policy);
  if (!found) return notFound(`There is no policy "${policy}".`);
  if ('version' in target) return examineVersion(tx, tenantId, policy, target);
  if ('baseline' in target) {
    const exploration = target.baseline.exploration ?? found.configuration.baseline_exploration;
    return { target: { baseline: { exploration } }, source: { kind: 'baseline', exploration } };
  }
  if ('declared' in target) return { target, source: { kind: 'declared', declared: target.declared } };
  if ('logged' in target) {
    const { logged } = target;
    if (!(await findVersion(tx, tenantId, policy, logged))) {
      return notFound(`Policy "${policy}" has no version "${logged}".`);
    }
    return { target, source: { kind: 'logged', version: logged } };
  }
  return { target, source: { kind: 'logging' } };
}

async function examineVersion(
  tx: Transaction,
  tenantId: string,
  policy: string,
  { version, checkpoint }: { version: string; checkpoint?: number | null | undefined },
): Promise<ExaminedTarget | { refusal: EvaluationRefusal }> {
  const found = await findScorableVersion(tx, tenantId, {
    policy,
    version,
    // They begin with 1, so that there is no 0.
    checkpoint: checkpoint === null ? 0 : checkpoint,
  });
  if (!found) return notFound(`Policy "${policy}" has no version "${version}".`);
  const { number, position, object_key: key, sha256 } = found;
  if (number === null && typeof checkpoint === 'number') {
    return notFound(`Version "${version}" has no checkpoint ${checkpoint}, or has it no longer.`);
  }
  const configuration = versionConfigurationSchema.parse(found.configuration);
  return {
    target: { version, checkpoint: number },
    source: {
      kind: 'version',
      version,
      configuration,
      checkpoint:
        number === null || key === null || sha256 === null
          ? null
          : { number, position: Number(position), key, sha256 },
    },
  };
}

function notFound(message: string): { refusal: EvaluationRefusal } {
  return { refusal: { code: 'not_found', message } };
}
