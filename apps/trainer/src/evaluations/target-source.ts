import type { PolicyModel } from '@rlaas/learning';
import type { DeclaredPolicy, VersionConfiguration } from '@rlaas/schemas';

/** What the probabilities of a target are made of, as threads are given it. */
export type TargetSource =
  | { kind: 'version'; configuration: VersionConfiguration; model: PolicyModel }
  | { kind: 'declared'; declared: DeclaredPolicy }
  | { kind: 'baseline'; exploration: number }
  | { kind: 'logged'; version: string }
  | { kind: 'logging' };
