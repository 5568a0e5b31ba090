import fc from 'fast-check';
import { type Event, type EventType, decisionModes } from '../src/index.ts';

/** Any text: lengths are in characters, of which some take two UTF-16 units. */
const text = (minLength: number, maxLength: number) =>
  fc.string({ unit: 'binary', minLength, maxLength, size: 'max' });
const shortText = text(1, 20);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const fromZero = fc.double({ min: 0, max: 1e9, noNaN: true });
const share = fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true });
const integer = fc.nat();
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const uuid = fc.uuid({ version: 7 });
const time = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Some of the members, each there or not. */
const some = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T, never>(members, { requiredKeys: [] });

const objectOf = <T>(value: fc.Arbitrary<T>) =>
  // Zod leaves this name out of what it gives back, and the collector refuses it.
  fc.dictionary(
    shortText.filter((key) => key !== '__proto__'),
    value,
    { maxKeys: 4 },
  );
const featureValue = fc.oneof(
  number,
  shortText,
  fc.boolean(),
  fc.constant(null),
  fc.array(number, { maxLength: 3 }),
);
const features = objectOf(fc.oneof(featureValue, objectOf(featureValue)));

type References = Pick<Event, 'policy' | 'external_id' | 'episode_id'> & { decision_id?: string };
const byDecision = fc.record<References>({ decision_id: uuid });
const byExternal = fc.record<References>({ policy: name, external_id: shortText });
const byEpisode = fc.record<References>({ policy: name, episode_id: shortText });
const anyReference = fc.oneof(
  byDecision,
  byExternal,
  byEpisode,
  fc.record<References>({ decision_id: uuid, episode_id: shortText }),
  fc.record<References>({ policy: name, external_id: shortText, episode_id: shortText }),
);
const maybeReference = fc.oneof(anyReference, some<References>({ policy: name }));

const outcome = fc.record({ name, value: fc.oneof(fc.boolean(), number, text(0, 1000)) });

/** Weights as a distribution over the actions. */
function distribution(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const decision = fc
  .uniqueArray(text(1, 256), { minLength: 1, maxLength: 6 })
  .chain((ids) => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), {
      minLength: ids.length,
      maxLength: ids.length,
    });
    return fc.record({
      ids: fc.constant(ids),
      features: fc.array(fc.option(features), { minLength: ids.length, maxLength: ids.length }),
      weights,
      imported: fc.boolean(),
      chosen: fc.nat({ max: ids.length - 1 }),
      shadow: fc.array(
        fc.record(
          { version: name, checkpoint: fc.option(integer), probabilities: weights.map(distribution) },
          { requiredKeys: ['version', 'probabilities'] },
        ),
        { maxLength: 3 },
      ),
      data: fc.record({
        context: features,
        policy_version: fc.option(name),
        checkpoint: fc.option(integer),
        mode: fc.constantFrom(...decisionModes),
      }),
      more: some({
        version_share: share,
        deferred: fc.boolean(),
        sticky: fc.constant('episode'),
        sticky_of: uuid,
        group_id: uuid,
        supersedes: uuid,
        latency_ms: fromZero,
      }),
    });
  })
  .map((drawn) => {
    const probabilities = distribution(drawn.weights);
    const others = drawn.ids.filter((_, index) => index !== drawn.chosen);
    return Object.assign({}, drawn.data, drawn.more, {
      actions: drawn.ids.map((id, index) => {
        const known = drawn.features[index];
        return known ? { id, features: known } : { id };
      }),
      ...(drawn.imported ? {} : { probabilities }),
      chosen: drawn.chosen,
      propensity: probabilities[drawn.chosen] ?? 0,
      shadow: drawn.shadow,
      excluded: others.slice(0, 1),
    });
  });

const side = fc.oneof(fc.record({ decision_id: uuid }), fc.record({ text: text(0, 50) }));
const message = fc.record({
  role: fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool'),
  content: fc.oneof(
    text(0, 50),
    fc.array(
      objectOf(fc.jsonValue({ maxDepth: 1 }).filter((value) => !JSON.stringify(value).includes('__proto__'))),
      {
        maxLength: 3,
      },
    ),
  ),
});
const inference = fc
  .record({
    needed: fc.record({ model: text(1, 256), status: fc.constantFrom('ok', 'error', 'cancelled') }),
    messages: fc.oneof(
      some({ messages: fc.array(message, { maxLength: 3 }) }),
      some({ messages_ref: text(1, 1024) }),
    ),
    more: some({
      variant: text(1, 256),
      provider: text(1, 100),
      completion: text(0, 50),
      usage: fc.record(
        { input_tokens: integer, output_tokens: integer, cached_input_tokens: integer },
        { requiredKeys: ['input_tokens', 'output_tokens'] },
      ),
      cost_usd_micros: integer,
      time_to_first_token_ms: fromZero,
      latency_ms: fromZero,
      finish_reason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter', 'error', 'other'),
      error: text(0, 1000),
    }),
  })
  .map(({ needed, messages, more }) => Object.assign({}, needed, messages, more));
const feedback = fc
  .record({
    name,
    said: some({
      rating: number,
      thumb: fc.constantFrom('up', 'down'),
      label: text(1, 100),
      comment: text(1, 50),
    }).filter((said) => Object.keys(said).length > 0),
  })
  .map(({ name: asked, said }) => Object.assign({ name: asked }, said));

/** References and data of each type; `data` may be absent. */
const partsByType: Record<
  EventType,
  { references: fc.Arbitrary<object>; data: fc.Arbitrary<object | undefined> }
> = {
  decision: {
    references: fc.record(
      { policy: name, external_id: shortText, episode_id: shortText },
      { requiredKeys: ['policy'] },
    ),
    data: decision,
  },
  inference: { references: maybeReference, data: inference },
  outcome: { references: anyReference, data: outcome },
  feedback: { references: anyReference, data: feedback },
  demonstration: { references: anyReference, data: fc.record({ draft: text(0, 50), final: text(0, 50) }) },
  preference: {
    references: maybeReference,
    data: fc.record(
      { a: side, b: side, winner: fc.constantFrom('a', 'b', 'tie'), name, comment: text(1, 50) },
      { requiredKeys: ['a', 'b', 'winner'] },
    ),
  },
  reward: { references: anyReference, data: fc.record({ value: number }) },
  activation: {
    references: fc.oneof(byDecision, byExternal),
    data: fc.constantFrom(undefined, {}),
  },
  episode_end: {
    references: byEpisode,
    data: fc.option(some({ outcomes: fc.array(outcome, { maxLength: 3 }) }), { nil: undefined }),
  },
};

/** Any valid event of a type, as a sender would write it. */
export function eventOf(type: EventType): fc.Arbitrary<Record<string, unknown>> {
  const { references, data } = partsByType[type];
  return fc
    .record({
      envelope: fc.record(
        {
          id: uuid,
          schema_version: fc.constant(1),
          occurred_at: time,
          source: text(1, 100),
          subject: text(1, 512),
        },
        { requiredKeys: ['id', 'occurred_at', 'source'] },
      ),
      references,
      data,
    })
    .map(({ envelope, references: about, data: told }) => {
      const event = { ...envelope, type, ...about, ...(told === undefined ? {} : { data: told }) };
      // As it comes over the wire: plain objects, no -0.
      return JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
    });
}
