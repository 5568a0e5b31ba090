import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, onTestFinished, test } from 'vitest';
import type { ServedRow } from '../store/served-policies.ts';
import { createCatalogue } from './catalogue.ts';
import { filePolicyMemory } from './policy-memory.ts';
import { createPolicyWatch } from './policy-watch.ts';

const configuration = versionConfigurationSchema.parse({ learner: { bits: 8 } });
const row: ServedRow = {
  tenant_id: 't',
  policy: 'p',
  policy_configuration: { actions: [{ id: 'a' }] },
  policy_row: '1',
  version: 'v1',
  status: 'active',
  version_configuration: configuration,
  checkpoint: 1,
  object_key: 'k',
  sha256: 's',
  canary_share: null,
  salt: null,
  beside_baseline: null,
};

function watching(folder: string, told = false) {
  const world = {
    rows: [row] as ServedRow[] | Error,
    loads: 0,
    naps: [] as number[],
    failures: [] as string[],
    /** Artefacts come when this does. */
    store: Promise.resolve(),
    keptArtefacts: [] as string[][],
  };
  const brokenFiles: string[] = [];
  const catalogue = createCatalogue({
    async buildVersion({ version, checkpoint }) {
      await world.store;
      return {
        version: version ?? '',
        policy: createLinearPolicy(configuration),
        model: emptyPolicyState(configuration),
        checkpoint,
      };
    },
    onRefused: () => undefined,
    onLoaded: () => undefined,
    now: () => 0,
  });
  let wake = (): void => undefined;
  const watch = createPolicyWatch({
    catalogue,
    models: {
      async keepOnly(isNeeded) {
        world.keptArtefacts.push(['s', 's2'].filter(isNeeded));
      },
    },
    memory: filePolicyMemory(join(folder, 'served.json'), (path) => brokenFiles.push(path)),
    async load() {
      world.loads += 1;
      if (world.rows instanceof Error) throw world.rows;
      return world.rows;
    },
    pause: (ms, signal) =>
      new Promise((resolve) => {
        world.naps.push(ms);
        wake = resolve;
        signal.addEventListener('abort', () => resolve());
      }),
    isTold: () => told,
    onFailure: (_error, what) => world.failures.push(what),
  });
  return { world, catalogue, watch, brokenFiles, wake: () => wake() };
}

function newFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'rlaas-watch-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test('what was served last is served after a restart while Postgres is away', async () => {
  const here = newFolder();
  const before = watching(here);
  await before.watch.begin();
  expect(before.catalogue.find('t', 'p')?.active?.version).toBe('v1');
  const after = watching(here);
  after.world.rows = new Error('Postgres is away');
  await after.watch.begin();
  expect(after.catalogue.find('t', 'p')).toMatchObject({
    active: { version: 'v1', checkpoint: 1 },
    declared: { text: '[{"id":"a"}]' },
  });
  expect(after.world.failures).toEqual(['load']);
  // And it is looked at anew when Postgres is back, also where a row looks the same.
  after.world.rows = [{ ...row, policy_configuration: { actions: [{ id: 'b' }] } }];
  after.watch.start();
  await expect.poll(() => after.catalogue.find('t', 'p')?.declared?.text).toBe('[{"id":"b"}]');
  await after.watch.stop();
});

test('without a memory and without Postgres nothing is known, and that is not an end', async () => {
  const { world, catalogue, watch } = watching(newFolder());
  world.rows = new Error('away');
  await watch.begin();
  expect(catalogue.loaded).toBe(false);
});

test('a memory that cannot be read is set aside and told', async () => {
  const here = newFolder();
  writeFileSync(join(here, 'served.json'), '{"version":1,"rows":[{}]}');
  const { watch, brokenFiles, catalogue } = watching(here);
  await watch.begin();
  expect(brokenFiles).toEqual([join(here, 'served.json.broken')]);
  expect(catalogue.find('t', 'p')).toBeDefined();
  expect(JSON.parse(readFileSync(join(here, 'served.json'), 'utf8'))).toMatchObject({ version: 1 });
});

test('it looks each second, now and then when changes are told, and at once when told', async () => {
  const polling = watching(newFolder());
  polling.watch.start();
  await expect.poll(() => polling.world.naps).toEqual([1_000]);
  polling.wake();
  await expect.poll(() => polling.world.loads).toBe(2);
  await polling.watch.stop();
  const told = watching(newFolder(), true);
  told.watch.start();
  await expect.poll(() => told.world.naps).toEqual([5_000]);
  told.world.rows = [{ ...row, checkpoint: 2, sha256: 's2' }];
  told.watch.look();
  await expect.poll(() => told.catalogue.find('t', 'p')?.active?.checkpoint).toBe(2);
  await told.watch.stop();
});

test('a rollback is taken over while a checkpoint is being loaded, and is what a restart finds', async () => {
  const here = newFolder();
  const { world, catalogue, watch } = watching(here, true);
  await watch.begin();
  watch.start();
  await expect.poll(() => world.naps).toEqual([10_000, 5_000]);
  const store = Promise.withResolvers<void>();
  world.store = store.promise;
  world.rows = [row, { ...row, version: 'v2', status: 'shadow', sha256: 's2' }];
  watch.look();
  await expect.poll(() => world.naps.length).toBe(3);
  world.rows = [{ ...row, version: 'v2', status: 'shadow', sha256: 's2' }];
  watch.look();
  await expect.poll(() => catalogue.find('t', 'p')?.active).toBeUndefined();
  const stored = () => JSON.parse(readFileSync(join(here, 'served.json'), 'utf8')) as object;
  await expect.poll(stored).toMatchObject({ rows: [{ policy: 'p', version: null }] });
  await expect.poll(() => world.keptArtefacts.at(-1)).toEqual(['s2']);
  store.resolve();
  await expect.poll(() => catalogue.find('t', 'p')?.shadows).toMatchObject([{ version: 'v2' }]);
  await watch.stop();
});

test('a slow store does not keep a gateway from beginning for ever, and costs no copy that it may need', async () => {
  const here = newFolder();
  const before = watching(here);
  await before.watch.begin();
  const after = watching(here);
  const store = Promise.withResolvers<void>();
  after.world.store = store.promise;
  after.world.rows = [{ ...row, checkpoint: 2, sha256: 's2' }];
  const begun = after.watch.begin();
  await expect.poll(() => after.world.naps).toEqual([10_000]);
  after.wake();
  await begun;
  expect(after.catalogue.find('t', 'p')).toMatchObject({ degraded: 'version v1 is being loaded' });
  // The copy that may be all there is stays.
  expect(after.world.keptArtefacts.at(-1)).toEqual(['s', 's2']);
  expect(JSON.parse(readFileSync(join(here, 'served.json'), 'utf8'))).toMatchObject({
    rows: [{ sha256: 's' }],
  });
  store.resolve();
  await expect.poll(() => after.catalogue.find('t', 'p')?.active?.checkpoint).toBe(2);
  await expect.poll(() => after.world.keptArtefacts.at(-1)).toEqual(['s2']);
});

test('what could not be written down is written down the next time', async () => {
  const here = newFolder();
  const { world, catalogue, watch } = watching(here);
  await watch.begin();
  watch.start();
  await expect.poll(() => world.naps).toEqual([10_000, 1_000]);
  mkdirSync(join(here, 'served.json.next'));
  world.rows = [{ ...row, status: 'shadow' }];
  watch.look();
  await expect.poll(() => world.failures).toContain('keep');
  expect(catalogue.find('t', 'p')?.active).toBeUndefined();
  rmSync(join(here, 'served.json.next'), { recursive: true });
  watch.look();
  const stored = () => JSON.parse(readFileSync(join(here, 'served.json'), 'utf8')) as object;
  await expect.poll(stored).toMatchObject({ rows: [{ version: 'v1', status: 'shadow' }] });
  await watch.stop();
});
