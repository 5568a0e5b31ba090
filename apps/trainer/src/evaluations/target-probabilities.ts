import { Choice, createLinearPolicy } from '@rlaas/learning';
import type { DeclaredPolicy } from '@rlaas/schemas';
import type { LoggedChoice } from './logged-choice.ts';
import type { TargetSource } from './target-source.ts';

/**
 * Writes the target's probability of each action of a decision.
 * @returns `chosen`: only that of the chosen action is known; `undefined`: the target has none there
 */
export type TargetProbabilities = (choice: LoggedChoice, into: Float64Array) => 'all' | 'chosen' | undefined;

export function targetProbabilities(source: TargetSource): TargetProbabilities {
  if (source.kind === 'version') return ofVersion(source);
  if (source.kind === 'declared') return ofDeclared(source.declared);
  if (source.kind === 'baseline') return ofBaseline(source.exploration);
  if (source.kind === 'logged') return ofLogged(source.version);
  return ofLogging;
}

function ofVersion({
  configuration,
  model,
}: Extract<TargetSource, { kind: 'version' }>): TargetProbabilities {
  const policy = createLinearPolicy(configuration);
  const scored = new Choice();
  return ({ features, allowed }, into) => {
    policy.decide(model, features, allowed, scored);
    into.set(scored.probabilities.subarray(0, scored.count));
    return 'all';
  };
}

function ofDeclared(declared: DeclaredPolicy): TargetProbabilities {
  const tables = new Map(
    'tables' in declared
      ? Object.entries(declared.tables).map(([value, shares]) => [value, sharesOf(shares)])
      : [],
  );
  const only = 'probabilities' in declared ? sharesOf(declared.probabilities) : undefined;
  return ({ data: { context, actions }, allowed }, into) => {
    const table = 'by' in declared ? tables.get(textOf(context[declared.by])) : only;
    if (!table) return undefined;
    let sum = 0;
    for (const [index, { id }] of actions.entries()) {
      const share = allowed?.[index] === 0 ? 0 : (table.get(id) ?? 0);
      into[index] = share;
      sum += share;
    }
    if (sum === 0) return undefined;
    for (let index = 0; index < actions.length; index += 1) into[index] = (into[index] ?? 0) / sum;
    return 'all';
  };
}

function sharesOf(shares: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(shares));
}

/** Numbers, texts and booleans have one; of others no table can be named. */
function textOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** As gateways play it while no version is active. */
function ofBaseline(exploration: number): TargetProbabilities {
  return ({ data: { actions }, allowed }, into) => {
    const others = (allowed === undefined ? actions.length : allowed.filter((one) => one === 1).length) - 1;
    const played = allowed === undefined ? 0 : allowed.indexOf(1);
    for (let index = 0; index < actions.length; index += 1) {
      if (allowed?.[index] === 0) into[index] = 0;
      else if (index !== played) into[index] = exploration / others;
      else into[index] = others === 0 ? 1 : 1 - exploration;
    }
    return 'all';
  };
}

function ofLogged(version: string): TargetProbabilities {
  return ({ data: { shadow } }, into) => {
    const found = shadow?.find((one) => one.version === version);
    if (!found) return undefined;
    into.set(found.probabilities);
    return 'all';
  };
}

/** Its propensity is the very number of the draw, so that each weight is 1. */
function ofLogging({ data: { probabilities, chosen, propensity } }: LoggedChoice, into: Float64Array) {
  if (probabilities) into.set(probabilities);
  into[chosen] = propensity;
  return probabilities ? 'all' : 'chosen';
}
