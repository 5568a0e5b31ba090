// Any order of what is stored, what is loaded, and what is refused: who may decide, and who does in the end.
import { createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServedRow } from '../store/served-policies.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';

const configuration = versionConfigurationSchema.parse({ learner: { bits: 8 } });
const policy = createLinearPolicy(configuration);
const model = emptyPolicyState(configuration);
const POLICIES = ['p', 'q'];
const VERSIONS = ['v1', 'v2', 'v3', 'v4', 'v5'];

/** What is stored of a policy: at most one is active, and at most one in canary. */
const stored = fc
  .record({
    statuses: fc.tuple(...VERSIONS.map(() => fc.constantFrom('active', 'canary', 'shadow', null))),
    checkpoints: fc.tuple(...VERSIONS.map(() => fc.integer({ min: 1, max: 3 }))),
    share: fc.constantFrom(0.1, 0.5),
  })
  .map(({ statuses, checkpoints, share }) => {
    const seen = new Set<string>();
    return VERSIONS.flatMap((version, index): Partial<ServedRow>[] => {
      let status = statuses[index] ?? null;
      if (status === null) return [];
      if (status !== 'shadow' && seen.has(status)) status = 'shadow';
      seen.add(status);
      const checkpoint = checkpoints[index] ?? 1;
      const sha256 = `${version}/${checkpoint}`;
      return [{ version, status, checkpoint, sha256, canary_share: status === 'canary' ? share : null }];
    });
  });
const step = fc.oneof(
  fc.record({ kind: fc.constant('take' as const), policies: fc.tuple(stored, fc.option(stored)) }),
  fc.record({ kind: fc.constant('answer' as const), which: fc.nat(9), isGood: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 10_000) }),
);

function rowsOf(policies: readonly (readonly Partial<ServedRow>[] | null)[]): ServedRow[] {
  return policies.flatMap((versions, index) => {
    const row: ServedRow = {
      tenant_id: 't',
      policy: POLICIES[index] ?? '',
      policy_configuration: {},
      policy_row: '1',
      version: null,
      status: null,
      version_configuration: configuration,
      checkpoint: null,
      object_key: 'k',
      sha256: null,
      canary_share: null,
      salt: 's',
      beside_baseline: null,
    };
    if (versions === null) return [];
    return versions.length === 0 ? [row] : versions.map((version) => ({ ...row, ...version }));
  });
}

/** What is served of a policy, and must not be. */
function mistakesIn(catalogue: Catalogue, name: string, rows: readonly ServedRow[]): string[] {
  const group = rows.filter((row) => row.policy === name);
  const served = catalogue.find('t', name);
  if (!served) return group.length > 0 ? [`${name} is missing`] : [];
  const { active, canary, shadows, degraded } = served;
  const rowOf = (version: string) => group.find((row) => row.version === version);
  const wanted = group.find(({ status }) => status === 'active');
  const scored = [active, canary?.version, ...shadows].flatMap((one) => one?.version ?? []);
  const canaryRow = canary && rowOf(canary.version.version);
  // What a restart finds may be served.
  const kept = catalogue.rows().filter((row) => row.policy === name && row.version !== null);
  const mistakes: [boolean, string][] = [
    [group.length === 0, 'it is gone'],
    // Until the active one can decide, another one that may goes on.
    [active !== undefined && !rowOf(active.version), 'what decides was taken away'],
    [!wanted && active !== undefined, 'nothing is active'],
    [degraded !== undefined && (!wanted || active !== undefined), 'it is not degraded'],
    [canary !== undefined && canaryRow?.status !== 'canary', 'the canary is none'],
    [canary !== undefined && canary.share !== canaryRow?.canary_share, 'the share is another one'],
    [new Set(scored).size !== scored.length, 'one is scored twice'],
    [shadows.length > 3, 'too many are scored'],
    [shadows.some(({ version }) => rowOf(version)?.status !== 'shadow'), 'a shadow is none'],
    [kept.some(({ version }) => !rowOf(version ?? '')), 'a restart would serve what was taken away'],
  ];
  return mistakes.flatMap(([isMade, what]) => (isMade ? [`${name}: ${what}`] : []));
}

test('nobody decides who may not, and what can be loaded is served in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      let clock = 0;
      let rows: ServedRow[] = [];
      const open: { row: ServedRow; answer: PromiseWithResolvers<void> }[] = [];
      const catalogue = createCatalogue({
        async buildVersion(row) {
          const answer = Promise.withResolvers<void>();
          open.push({ row, answer });
          await answer.promise;
          return { version: row.version ?? '', policy, model, checkpoint: row.checkpoint };
        },
        onRefused: () => undefined,
        onLoaded: () => undefined,
        now: () => clock,
      });
      const answer = async (which: number, isGood: boolean): Promise<void> => {
        const [one] = open.splice(which % Math.max(open.length, 1), 1);
        if (isGood) one?.answer.resolve();
        else one?.answer.reject(new Error('away'));
        // Whoever waits for it goes on.
        await new Promise(setImmediate);
      };
      const check = (): void => {
        expect(POLICIES.flatMap((name) => mistakesIn(catalogue, name, rows))).toEqual([]);
        expect(open.length).toBeLessThanOrEqual(4);
      };

      for (const next of steps) {
        if (next.kind === 'wait') clock += next.ms;
        if (next.kind === 'answer') await answer(next.which, next.isGood);
        else {
          if (next.kind === 'take') rows = rowsOf(next.policies);
          catalogue.take(rows);
          void catalogue.load();
        }
        check();
      }
      clock += 10_000;
      void catalogue.load();
      while (open.length > 0) await answer(0, true);
      check();
      const late = rows.filter(({ policy: name, version, status, checkpoint }) => {
        if (version === null || status === 'shadow') return false;
        const served = catalogue.find('t', name);
        const found = status === 'active' ? served?.active : served?.canary?.version;
        return (
          found?.version !== version || found.checkpoint !== checkpoint || served?.degraded !== undefined
        );
      });
      expect(late).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
