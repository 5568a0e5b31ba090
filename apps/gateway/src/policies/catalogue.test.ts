import { createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ServedRow } from '../store/served-policies.ts';
import { createCatalogue } from './catalogue.ts';

const configuration = versionConfigurationSchema.parse({ learner: { bits: 8 } });
const row = (changes: Partial<ServedRow> = {}): ServedRow => ({
  tenant_id: 't',
  policy: 'p',
  policy_configuration: {},
  policy_row: '1',
  version: 'v1',
  status: 'active',
  version_configuration: configuration,
  checkpoint: 1,
  object_key: 'k1',
  sha256: 's1',
  canary_share: null,
  salt: null,
  beside_baseline: null,
  ...changes,
});

let broken = new Set<string>();
let clock = 0;
let built: string[] = [];
let refusals: string[] = [];
const catalogue = () =>
  createCatalogue({
    async buildVersion({ version, checkpoint, sha256 }) {
      built.push(`${version}/${checkpoint}`);
      if (broken.has(sha256 ?? '')) throw new Error('broken');
      return {
        version: version ?? '',
        policy: createLinearPolicy(configuration),
        model: emptyPolicyState(configuration),
        checkpoint,
      };
    },
    onRefused: (what) => refusals.push(what),
    onLoaded: () => undefined,
    now: () => clock,
  });

beforeEach(() => {
  broken = new Set();
  clock = 0;
  built = [];
  refusals = [];
});

describe('the catalogue', () => {
  test('serves what is stored, and builds anew only what changed', async () => {
    const served = catalogue();
    expect(served.loaded).toBe(false);
    expect(served.find('t', 'p')).toBeUndefined();
    expect(await served.apply([row(), row({ version: 'v2', status: 'shadow' })])).toBe(true);
    expect(served.loaded).toBe(true);
    expect(served.find('t', 'p')).toMatchObject({ active: { version: 'v1' }, shadows: [{ version: 'v2' }] });
    expect(served.find('other', 'p')).toBeUndefined();
    const before = served.find('t', 'p');
    expect(await served.apply([row(), row({ version: 'v2', status: 'shadow' })])).toBe(false);
    expect(served.find('t', 'p')).toBe(before);
    await served.apply([row({ checkpoint: 2, sha256: 's2' }), row({ version: 'v2', status: 'shadow' })]);
    expect(built).toEqual(['v1/1', 'v2/1', 'v1/2']);
    expect(served.find('t', 'p')?.active?.checkpoint).toBe(2);
  });

  test('a changed configuration, a changed status and a policy that is gone are taken over', async () => {
    const served = catalogue();
    await served.apply([row()]);
    await served.apply([
      row({ policy_row: '2', policy_configuration: { actions: [{ id: 'a', description: 'x' }] } }),
    ]);
    expect(served.find('t', 'p')?.declared?.text).toBe('[{"id":"a"}]');
    await served.apply([row({ status: 'shadow' })]);
    expect(served.find('t', 'p')).toMatchObject({
      active: undefined,
      degraded: undefined,
      shadows: [{ version: 'v1' }],
    });
    expect(built).toEqual(['v1/1']);
    expect(await served.apply([row({ policy: 'q', version: null, status: null })])).toBe(true);
    expect(served.find('t', 'p')).toBeUndefined();
    expect(served.find('t', 'q')).toMatchObject({ active: undefined, shadows: [] });
  });

  test('at most three versions score beside', async () => {
    const served = catalogue();
    await served.apply(['a', 'b', 'c', 'd'].map((version) => row({ version, status: 'shadow' })));
    expect(served.find('t', 'p')?.shadows.map(({ version }) => version)).toEqual(['a', 'b', 'c']);
  });

  test('a broken checkpoint is refused and told once; the last good one is served, and it is tried again later', async () => {
    const served = catalogue();
    await served.apply([row()]);
    broken.add('s2');
    const next = row({ checkpoint: 2, sha256: 's2' });
    for (let i = 0; i < 5; i += 1) await served.apply([next]);
    expect(served.find('t', 'p')?.active).toMatchObject({ version: 'v1', checkpoint: 1 });
    expect(served.refused()).toBe(1);
    expect(refusals).toHaveLength(1);
    expect(built).toEqual(['v1/1', 'v1/2']);
    // What is kept for a restart is what is served.
    expect(served.rows()).toMatchObject([{ checkpoint: 1, sha256: 's1' }]);
    clock += 10_000;
    broken.clear();
    await served.apply([next]);
    expect(served.find('t', 'p')?.active?.checkpoint).toBe(2);
    expect(served.refused()).toBe(0);
  });

  test('a new active version that is broken leaves the old one deciding; without an old one nothing scores', async () => {
    const served = catalogue();
    await served.apply([row()]);
    broken.add('s9');
    const superseded = row({ status: 'shadow' });
    await served.apply([superseded, row({ version: 'v2', sha256: 's9' })]);
    expect(served.find('t', 'p')).toMatchObject({ active: { version: 'v1' }, degraded: undefined });
    expect(served.rows()).toContainEqual(row());
    // It was rolled back: nobody may bring it back by breaking another one.
    await served.apply([row({ version: 'v2', sha256: 's9', policy_row: '2' })]);
    expect(served.find('t', 'p')).toMatchObject({
      active: undefined,
      degraded: 'version v2 cannot be loaded',
    });
    const fresh = catalogue();
    await fresh.apply([row({ version: 'v2', sha256: 's9' })]);
    expect(fresh.find('t', 'p')).toMatchObject({
      active: undefined,
      degraded: 'version v2 cannot be loaded',
    });
    expect(fresh.rows()).toMatchObject([{ policy: 'p', version: null }]);
  });

  test('a configuration that cannot be read leaves the last one in place, and others alone', async () => {
    const served = catalogue();
    await served.apply([row()]);
    await served.apply([
      row({ policy_row: '2', policy_configuration: { nonsense: 1 } }),
      row({ policy: 'q', policy_configuration: { nonsense: 1 } }),
      row({ policy: 'r' }),
    ]);
    expect(served.find('t', 'p')?.active?.version).toBe('v1');
    expect(served.find('t', 'q')).toBeUndefined();
    expect(served.find('t', 'r')?.active?.version).toBe('v1');
  });

  test('what is kept for a restart has the configuration of now, and another configuration is never served with old scores', async () => {
    const served = catalogue();
    await served.apply([row()]);
    const changed = row({ policy_row: '2', policy_configuration: { baseline_exploration: 0.5 } });
    await served.apply([changed]);
    expect(served.rows()).toEqual([changed]);
    const other = versionConfigurationSchema.parse({ learner: { bits: 9 } });
    await served.apply([row({ policy_row: '3', version_configuration: other })]);
    expect(built).toEqual(['v1/1', 'v1/1']);
  });

  test('what was retired stops deciding while others are still being loaded', async () => {
    const loading = Promise.withResolvers<void>();
    const served = createCatalogue({
      async buildVersion({ version, checkpoint, policy }) {
        if (policy === 'slow') await loading.promise;
        return {
          version: version ?? '',
          policy: createLinearPolicy(configuration),
          model: emptyPolicyState(configuration),
          checkpoint,
        };
      },
      onRefused: () => undefined,
      onLoaded: () => undefined,
      now: () => clock,
    });
    await served.apply([row(), row({ policy: 'gone' })]);
    const applied = served.apply([row({ policy: 'slow' }), row({ version: null, status: null })]);
    expect(served.find('t', 'p')?.active).toBeUndefined();
    expect(served.find('t', 'gone')).toBeUndefined();
    loading.resolve();
    await applied;
    expect(served.find('t', 'p')).toMatchObject({ active: undefined, degraded: undefined });
    expect(served.find('t', 'slow')?.active?.version).toBe('v1');
  });

  test('what comes back after a rollback decides at once, while others are still being loaded', async () => {
    const loading = Promise.withResolvers<void>();
    const served = createCatalogue({
      async buildVersion({ version, checkpoint, policy }) {
        if (policy === 'slow' || checkpoint === 2) await loading.promise;
        return {
          version: version ?? '',
          policy: createLinearPolicy(configuration),
          model: emptyPolicyState(configuration),
          checkpoint,
        };
      },
      onRefused: () => undefined,
      onLoaded: () => undefined,
      now: () => clock,
    });
    await served.apply([
      row({ status: 'shadow' }),
      row({ version: 'v2' }),
      row({ version: 'v3', status: 'shadow' }),
    ]);
    const applied = served.apply([
      row({ policy: 'a', version: null, status: null }),
      row({ policy: 'slow' }),
      row({ checkpoint: 2, sha256: 's2' }),
      row({ version: 'v3', status: 'shadow' }),
    ]);
    expect(served.find('t', 'p')).toMatchObject({
      active: { version: 'v1', checkpoint: 1 },
      shadows: [{ version: 'v3' }],
      degraded: undefined,
    });
    expect(served.rows()).toContainEqual(row());
    loading.resolve();
    await applied;
    expect(served.find('t', 'p')).toMatchObject({
      active: { version: 'v1', checkpoint: 2 },
      shadows: [{ version: 'v3' }],
    });
  });
});
