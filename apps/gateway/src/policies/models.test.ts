import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { emptyPolicyState, encodeModel } from '@rlaas/learning';
import { versionConfigurationSchema } from '@rlaas/schemas';
import { expect, onTestFinished, test } from 'vitest';
import { type Artefact, createModels } from './models.ts';

const configuration = versionConfigurationSchema.parse({ learner: { bits: 8 } });
const state = emptyPolicyState(configuration);
const [linear] = state.models;
if (linear) linear.weights[3] = 0.5;
const bytes = Buffer.from(encodeModel(state, configuration, { policy: 'p', version: 'v', position: 4 }));
const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const artefact: Artefact = {
  policy: 'p',
  version: 'v',
  version_configuration: configuration,
  checkpoint: 2,
  object_key: 'key',
  sha256: digest(bytes),
};

function models(content: Buffer | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'rlaas-models-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const asked: string[] = [];
  let stored = content;
  const uncopied: string[] = [];
  const store = {
    async get(key: string) {
      asked.push(key);
      if (!stored) throw new Error('the object store is away');
      return {
        key,
        size: stored.length,
        sha256: digest(stored),
        lastModified: new Date(0),
        body: Readable.from([stored]),
      };
    },
  };
  const made = createModels(folder, store, (path) => uncopied.push(path));
  return { made, folder, asked, uncopied, away: () => (stored = undefined) };
}

test('a model comes from the object store once; its copy serves when that is away', async () => {
  const { made, asked, away } = models(bytes);
  const version = await made.build(artefact);
  expect(version).toMatchObject({ version: 'v', checkpoint: 2 });
  expect(version.model.models[0]?.weights[3]).toBe(0.5);
  away();
  expect((await made.build(artefact)).model).toEqual(version.model);
  expect(asked).toEqual(['key']);
});

test('a version that has learned nothing needs no object', async () => {
  const { made, asked } = models(undefined);
  const { model } = await made.build({ ...artefact, checkpoint: null, object_key: null, sha256: null });
  expect(model.counters).toEqual({ decisions: 0, actions: 0 });
  expect(asked).toEqual([]);
});

test('other bytes, another version and another configuration are refused with the reason', async () => {
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 9] = (flipped.at(-9) ?? 0) ^ 1;
  await expect(models(flipped).made.build(artefact)).rejects.toThrow('not the one that was registered');
  await expect(models(bytes).made.build({ ...artefact, version: 'w' })).rejects.toThrow(
    'is a checkpoint of p/v',
  );
  const other = { ...configuration, learner: { ...configuration.learner, estimator: 'dr' } };
  await expect(models(bytes).made.build({ ...artefact, version_configuration: other })).rejects.toThrow(
    'another configuration',
  );
  await expect(models(undefined).made.build(artefact)).rejects.toThrow('away');
});

test('a damaged copy is fetched anew, and copies that nobody needs are removed', async () => {
  const { made, folder, asked } = models(bytes);
  await made.build(artefact);
  writeFileSync(join(folder, `${artefact.sha256}.safetensors`), 'damaged');
  writeFileSync(join(folder, 'left-over.next'), 'x');
  await made.build(artefact);
  expect(asked).toEqual(['key', 'key']);
  await made.keepOnly((sha256) => sha256 === artefact.sha256);
  expect(readdirSync(folder)).toEqual([`${artefact.sha256}.safetensors`]);
  await made.keepOnly(() => false);
  expect(readdirSync(folder)).toEqual([]);
});

test('what cannot be copied is served all the same, and told', async () => {
  const { made, folder, uncopied } = models(bytes);
  // A link to nowhere: there is no copy to read, and none can be written.
  rmSync(folder, { recursive: true });
  symlinkSync(`${folder}-nowhere`, folder);
  expect(await made.build(artefact)).toMatchObject({ version: 'v', checkpoint: 2 });
  expect(uncopied).toEqual([join(folder, `${artefact.sha256}.safetensors`)]);
});
