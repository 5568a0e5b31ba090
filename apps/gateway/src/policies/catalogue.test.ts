import { createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ServedRow } from '../store/served-policies.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';

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
/** Artefacts that are there when `store` is resolved: policy, version and checkpoint. */
let slow = new Set<string>();
let store = Promise.withResolvers<void>();
let clock = 0;
let built: string[] = [];
let refusals: string[] = [];
let told: string[] = [];
/** A catalogue that is asked for everything at once. */
const catalogue = () =>
  applying(
    createCatalogue({
      async buildVersion({ policy, version, checkpoint, sha256 }) {
        built.push(`${version}/${checkpoint}`);
        if (slow.has(`${policy}/${version}/${checkpoint}`)) await store.promise;
        if (broken.has(sha256 ?? '')) throw new Error('broken');
        return {
          version: version ?? '',
          policy: createLinearPolicy(configuration),
          model: emptyPolicyState(configuration),
          checkpoint,
        };
      },
      onRefused: (what) => refusals.push(what),
      onLoaded: (_tenant, { name }) => told.push(name),
      now: () => clock,
    }),
  );

/** Takes over rows, and waits until everything is loaded. */
const applying = (served: Catalogue) =>
  Object.assign(served, {
    async apply(rows: readonly ServedRow[]): Promise<boolean> {
      const { changes } = served;
      served.take(rows);
      await served.load();
      return served.changes !== changes;
    },
  });

beforeEach(() => {
  broken = new Set();
  slow = new Set();
  store = Promise.withResolvers();
  clock = 0;
  built = [];
  refusals = [];
  told = [];
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
    // Told when it is known, and when another version or checkpoint is there; not when one is to be loaded.
    expect(told).toEqual(['p', 'p', 'p']);
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
    // A restart does not take it for gone.
    expect(fresh.rows()).toMatchObject([{ policy: 'p', version: 'v2', status: 'active' }]);
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
    const served = catalogue();
    slow = new Set(['slow/v1/1']);
    await served.apply([row(), row({ policy: 'gone' })]);
    const applied = served.apply([row({ policy: 'slow' }), row({ version: null, status: null })]);
    expect(served.find('t', 'p')?.active).toBeUndefined();
    expect(served.find('t', 'gone')).toBeUndefined();
    store.resolve();
    await applied;
    expect(served.find('t', 'p')).toMatchObject({ active: undefined, degraded: undefined });
    expect(served.find('t', 'slow')?.active?.version).toBe('v1');
  });

  test('what comes back after a rollback decides at once, while others are still being loaded', async () => {
    const served = catalogue();
    slow = new Set(['slow/v1/1', 'p/v1/2']);
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
    store.resolve();
    await applied;
    expect(served.find('t', 'p')).toMatchObject({
      active: { version: 'v1', checkpoint: 2 },
      shadows: [{ version: 'v3' }],
    });
  });

  test('what is rolled back while its policy is being loaded stops at once, and does not come back with what was', async () => {
    const served = catalogue();
    const canary = row({ version: 'v2', status: 'canary', canary_share: 0.5, salt: 's' });
    const shadow = row({ version: 'v3', status: 'shadow' });
    await served.apply([row(), canary]);
    slow = new Set(['p/v1/2', 'p/v2/2', 'p/v3/1']);
    const newer = { checkpoint: 2, sha256: 's2' };
    const first = served.apply([row(newer), { ...canary, ...newer }, shadow]);
    expect(served.find('t', 'p')).toMatchObject({
      active: { version: 'v1', checkpoint: 1 },
      canary: { version: { version: 'v2', checkpoint: 1 }, share: 0.5 },
    });
    // Both are taken back before any of it has come.
    const second = served.apply([shadow]);
    expect(served.find('t', 'p')).toMatchObject({
      active: undefined,
      canary: undefined,
      degraded: undefined,
    });
    store.resolve();
    await Promise.all([first, second]);
    expect(served.find('t', 'p')).toMatchObject({
      active: undefined,
      canary: undefined,
      shadows: [{ version: 'v3' }],
    });
    expect(served.rows().map(({ version }) => version)).toEqual(['v3']);
  });

  test('what is loaded is served, whatever the others take; shares and salts are those of now', async () => {
    const served = catalogue();
    slow = new Set(['p/v2/1']);
    const canary = row({ version: 'v2', status: 'canary', canary_share: 0.1, salt: 's' });
    const applied = served.apply([row(), canary, row({ policy: 'q' })]);
    await expect.poll(() => served.find('t', 'q')?.active?.version).toBe('v1');
    expect(served.find('t', 'p')).toMatchObject({ active: { version: 'v1' }, canary: undefined });
    served.take([row(), { ...canary, canary_share: 0.5, salt: 'other' }, row({ policy: 'q' })]);
    store.resolve();
    await applied;
    expect(served.find('t', 'p')).toMatchObject({ canary: { share: 0.5, salt: 'other' } });
    // It has been loaded once.
    expect(built.toSorted()).toEqual(['v1/1', 'v1/1', 'v2/1']);
  });

  test('a few are loaded at a time, what decides first; who was refused does not keep others waiting', async () => {
    const served = catalogue();
    const policies = ['a', 'b', 'c', 'd', 'e', 'f'];
    slow = new Set(policies.map((policy) => `${policy}/v1/1`));
    broken.add('s1');
    const rows = [
      row({ policy: 'first', status: 'shadow', version: 'v0', sha256: 's0' }),
      ...policies.map((policy) => row({ policy })),
      row({ policy: 'last', sha256: 's0', version: 'v9' }),
    ];
    const applied = served.apply(rows);
    expect(built).toEqual(['v1/1', 'v1/1', 'v1/1', 'v1/1']);
    clock += 10_000;
    store.resolve();
    await applied;
    expect(served.find('t', 'last')?.active?.version).toBe('v9');
    expect(built.slice(-2)).toEqual(['v9/1', 'v0/1']);
    expect(served.refused()).toBe(6);
  });

  test('while the first version is loaded the explored baseline goes on; what was taken away does not', async () => {
    const served = catalogue();
    slow = new Set(['p/v1/1', 'p/v2/1']);
    await served.apply([row({ version: null, status: null })]);
    const applied = served.apply([row()]);
    expect(served.find('t', 'p')).toMatchObject({ active: undefined, degraded: undefined });
    store.resolve();
    await applied;
    store = Promise.withResolvers();
    const next = served.apply([row({ version: 'v2', sha256: 's2' })]);
    expect(served.find('t', 'p')).toMatchObject({
      active: undefined,
      degraded: 'version v2 is being loaded',
    });
    store.resolve();
    await next;
    expect(served.find('t', 'p')?.active?.version).toBe('v2');
  });

  test('what decides in the place of a version that cannot be loaded says so', async () => {
    const served = catalogue();
    broken.add('s2');
    await served.apply([row()]);
    expect(served.find('t', 'p')?.isReplaced).toBe(false);
    await served.apply([row({ version: 'v2', sha256: 's2' }), row({ status: 'shadow' })]);
    expect(served.find('t', 'p')).toMatchObject({ active: { version: 'v1' }, shadows: [], isReplaced: true });
  });

  test('a checkpoint that comes late does not take the place of the one that is wanted by then', async () => {
    const served = catalogue();
    await served.apply([row()]);
    slow.add('p/v1/2');
    const applied = served.apply([row({ checkpoint: 2, sha256: 's2' })]);
    served.take([row()]);
    store.resolve();
    await applied;
    expect(served.find('t', 'p')?.active?.checkpoint).toBe(1);
    expect(built).toEqual(['v1/1', 'v1/2']);
  });

  test('nor does another one wait for it', async () => {
    const served = catalogue();
    await served.apply([row()]);
    slow.add('p/v1/2');
    void served.apply([row({ checkpoint: 2, sha256: 's2' })]);
    served.take([row({ checkpoint: 3, sha256: 's3' })]);
    void served.load();
    await expect.poll(() => served.find('t', 'p')?.active?.checkpoint).toBe(3);
    store.resolve();
  });

  test('what is remembered is served when the newer artefact is refused', async () => {
    const served = catalogue();
    broken.add('s2');
    served.remember([row()]);
    await served.apply([row({ checkpoint: 2, sha256: 's2' })]);
    expect(served.find('t', 'p')?.active).toMatchObject({ version: 'v1', checkpoint: 1 });
    expect(refusals).toHaveLength(1);
  });
});
