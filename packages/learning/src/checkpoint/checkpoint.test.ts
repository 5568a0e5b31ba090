import { type VersionConfiguration, versionConfigurationSchema } from '@rlaas/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { versions } from '../../test/versions.ts';
import { Generator } from '../draw/generator.ts';
import { Choice } from '../exploration/choice.ts';
import { DecisionFeatures } from '../features/decision-features.ts';
import { createLinearPolicy } from '../policy/linear-policy.ts';
import { type PolicyState, emptyPolicyState } from '../policy/policy-state.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { decodeModel, decodeState, encodeModel, encodeResume } from './checkpoint.ts';

const METADATA = { policy: 'support-draft', version: 'v1', position: 42 };
const ACTIONS = [{ id: 'action-0' }, { id: 'action-1', features: { long: true } }, { id: 'action-2' }];

/** Learns decisions `from` to `to` of a history that is always the same. */
function learn(configuration: VersionConfiguration, state: PolicyState, from: number, to: number): void {
  const policy = createLinearPolicy(configuration);
  const features = new DecisionFeatures();
  for (let i = from; i < to; i += 1) {
    const generator = new Generator('history', [String(i)]);
    // Some without any features: `thompson` keeps those elsewhere.
    const isBare = i % 3 === 0;
    features.read(isBare ? {} : { x: generator.normal() }, isBare ? [{ id: 'a' }, { id: 'b' }] : ACTIONS);
    policy.learn(state, {
      features,
      decisionId: `d${i}`,
      chosen: i % 2,
      propensity: 0.1 + 0.9 * generator.uniform(),
      reward: generator.normal(),
    });
  }
}

function filesOf(
  configuration: VersionConfiguration,
  count = 30,
  metadata = METADATA,
): [Uint8Array, Uint8Array] {
  const state = emptyPolicyState(configuration);
  learn(configuration, state, 0, count);
  return [encodeModel(state, configuration, metadata), encodeResume(state, configuration, metadata)];
}

/** A file with another header, whose arrays stay as they were. */
function withHeader(file: Uint8Array, change: (header: Header) => void): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Header;
  change(header);
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([start, json, file.subarray(8 + length)]);
}
type Header = Record<string, Record<string, unknown>>;

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CheckpointError) return error.message;
    throw error;
  }
  return 'none';
}

const [, squarecb] = versions.find(([name]) => name === 'squarecb') ?? [];
const configuration = squarecb as VersionConfiguration;

describe.each(versions)('%s', (_kind, version) => {
  test('is read back to the same bits, and goes on to the same bits', () => {
    const state = emptyPolicyState(version);
    learn(version, state, 0, 30);
    const files = [encodeModel(state, version, METADATA), encodeResume(state, version, METADATA)] as const;
    const { state: read, metadata } = decodeState(...files, version);
    expect(metadata).toEqual(METADATA);
    expect(read).toEqual(state);
    learn(version, state, 30, 60);
    learn(version, read, 30, 60);
    expect(read).toEqual(state);
    expect(Buffer.from(encodeModel(read, version, METADATA))).toEqual(
      Buffer.from(encodeModel(state, version, METADATA)),
    );
  });

  test('decides from the model alone as from the whole state', () => {
    const state = emptyPolicyState(version);
    learn(version, state, 0, 30);
    const { model } = decodeModel(encodeModel(state, version, METADATA), version);
    const policy = createLinearPolicy(version);
    const features = new DecisionFeatures();
    const [one, other] = [new Choice(), new Choice()];
    features.read({ x: 0.7 }, ACTIONS);
    policy.decide(state, features, undefined, one);
    policy.decide(model, features, undefined, other);
    expect(other).toEqual(one);
  });

  test('the same state gives the same bytes, and reading leaves them alone', () => {
    const [model, resume] = filesOf(version);
    const [again, resumeAgain] = filesOf(version);
    decodeState(again, resumeAgain, version).state.counters.decisions += 1;
    expect(Buffer.from(again)).toEqual(Buffer.from(model));
    expect(Buffer.from(resumeAgain)).toEqual(Buffer.from(resume));
  });
});

describe('what is refused, with its reason', () => {
  const [model, resume] = filesOf(configuration);

  test('a file that is cut off anywhere, or has bytes behind its end', () => {
    fc.assert(
      fc.property(fc.nat(model.length - 1), (length) => {
        expect(reasonOf(() => decodeModel(model.subarray(0, length), configuration))).not.toBe('none');
      }),
    );
    const longer = Buffer.concat([model, Buffer.alloc(8)]);
    expect(reasonOf(() => decodeModel(longer, configuration))).toBe('there are bytes behind the last array');
  });

  test('a bit that flipped among the arrays', () => {
    const start = 8 + Number(new DataView(model.buffer).getBigUint64(0, true));
    fc.assert(
      fc.property(fc.integer({ min: start, max: model.length - 1 }), fc.nat(7), (at, bit) => {
        const damaged = Uint8Array.from(model);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(reasonOf(() => decodeModel(damaged, configuration))).toMatch(/SHA-256|holds/);
      }),
    );
  });

  test('bytes that are anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(reasonOf(() => decodeModel(bytes, configuration))).not.toBe('none');
      }),
    );
    const json = (text: string): Uint8Array => {
      const file = Buffer.alloc(8 + text.length);
      file.writeBigUInt64LE(BigInt(text.length));
      file.write(text, 8);
      return file;
    };
    for (const text of [
      '',
      '[]',
      'null',
      '{"a":null}',
      '{"__metadata__":{"format":1}}',
      '{"__metadata__":3}',
    ]) {
      expect(
        reasonOf(() => decodeModel(json(text), configuration)),
        text,
      ).not.toBe('none');
    }
  });

  test.each<[string, (header: Header) => void, string]>([
    [
      'another format',
      (h) => Object.assign(h['__metadata__'] ?? {}, { format: 'rlaas-linear-1' }),
      'the format is rlaas-linear-1',
    ],
    [
      'another type',
      (h) => Object.assign(h['model.0.weights'] ?? {}, { dtype: 'F32' }),
      'is not of type F64',
    ],
    [
      'another shape',
      (h) => Object.assign(h['model.0.weights'] ?? {}, { shape: [2, 512] }),
      'does not fit its shape',
    ],
    [
      'an overflowing place',
      (h) => Object.assign(h['model.0.weights'] ?? {}, { data_offsets: [0, 2 ** 53] }),
      'does not fit its shape',
    ],
    [
      'no counter',
      (h) => Object.assign(h['__metadata__'] ?? {}, { decisions: '' }),
      'decisions is not a number',
    ],
    [
      'a total that is not finite',
      (h) => Object.assign(h['__metadata__'] ?? {}, { 'model.0.normSum': 'Infinity' }),
      'model.0.normSum is not a number',
    ],
    [
      'a position below 0',
      (h) => Object.assign(h['__metadata__'] ?? {}, { position: '-1' }),
      'its position is not a number',
    ],
    [
      'a text that is none',
      (h) => Object.assign(h['__metadata__'] ?? {}, { policy: 7 }),
      'policy of the metadata is not a text',
    ],
  ])('a header with %s', (_what, change, reason) => {
    expect(reasonOf(() => decodeModel(withHeader(model, change), configuration))).toContain(reason);
  });

  test('a weight that is not finite', () => {
    const state = emptyPolicyState(configuration);
    const [linear] = state.models;
    if (linear) linear.weights[3] = Number.NaN;
    const file = encodeModel(state, configuration, METADATA);
    expect(reasonOf(() => decodeModel(file, configuration))).toBe('array model.0.weights holds NaN');
  });

  test('a file of a configuration that learns otherwise, but not of one that has another floor or is described otherwise', () => {
    const other = (change: object): VersionConfiguration =>
      versionConfigurationSchema.parse({ ...configuration, ...change });
    expect(reasonOf(() => decodeModel(model, other({ learner: { bits: 11 } })))).toContain(
      'another configuration',
    );
    expect(
      reasonOf(() => decodeModel(model, other({ explorer: { kind: 'squarecb', gamma_scale: 11 } }))),
    ).toContain('another configuration');
    expect(
      decodeModel(model, other({ description: 'told anew', minimum_probability: 0.5 })).metadata,
    ).toEqual(METADATA);
  });

  test('one part in the place of the other, and parts of two checkpoints', () => {
    expect(reasonOf(() => decodeModel(resume, configuration))).toContain('this is the part resume');
    expect(reasonOf(() => decodeState(model, model, configuration))).toContain('this is the part model');
    const [, later] = filesOf(configuration, 31);
    const [, elsewhere] = filesOf(configuration, 30, { ...METADATA, policy: 'other' });
    for (const file of [later, elsewhere]) {
      expect(reasonOf(() => decodeState(model, file, configuration))).toBe(
        'the two files are not of the same checkpoint',
      );
    }
  });

  test('nothing because of where its bytes lie', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), model]).subarray(3);
    expect(decodeModel(shifted, configuration).metadata).toEqual(METADATA);
  });
});

test('the header is that of safetensors: arrays one behind the other, texts beside them', () => {
  const [model] = filesOf(configuration);
  const length = Number(new DataView(model.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  const header: unknown = JSON.parse(new TextDecoder().decode(model.subarray(8, 8 + length)));
  expect(header).toEqual({
    __metadata__: {
      format: 'rlaas-linear-2',
      part: 'model',
      policy: 'support-draft',
      version: 'v1',
      position: '42',
      configuration: expect.stringMatching(/^[0-9a-f]{32}$/),
      decisions: '30',
      actions: '80',
      'model.0.normSum': expect.any(String),
      'model.0.importance': expect.any(String),
      'model.0.least': expect.any(String),
      'model.0.most': expect.any(String),
      arrays_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    'model.0.weights': { dtype: 'F64', shape: [1024], data_offsets: [0, 8192] },
  });
});

test('a checkpoint may be read when nothing but the choice of rewards was set differently', () => {
  const [late, early] = [false, true].map((value) =>
    versionConfigurationSchema.parse({ learner: { bits: 8, learn_early: value } }),
  );
  if (!late || !early) throw new Error('there are two');
  const files = filesOf(late);
  expect(decodeState(...files, early)).toEqual(decodeState(...files, late));
  const other = { ...late, learner: { ...late.learner, learning_rate: 3 } };
  expect(reasonOf(() => decodeState(...files, other))).toContain('another configuration');
});
