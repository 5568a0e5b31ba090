import { describe, expect, test } from 'vitest';
import { mistakes } from '../../test/mistakes.ts';
import { type EventType, eventSchema, eventSchemasByType } from './event.ts';

const DECISION = '019ca8b2-9400-7c3e-9d2b-5f0c1a2b3c4d';
const THREE = '/decision_id at least one of decision_id, external_id, episode_id is required';
const TWO = '/decision_id at least one of decision_id, external_id is required';
const POLICY = '/policy is required where external_id or episode_id stands without decision_id';
const BOTH = '/external_id must not stand together with decision_id';

/** An event of the type with these references only. */
function withReferences(type: EventType, references: object): object {
  const examples = eventSchemasByType[type].meta()?.['examples'] as object[] | undefined;
  return {
    ...examples?.[0],
    policy: undefined,
    decision_id: undefined,
    external_id: undefined,
    episode_id: undefined,
    ...references,
  };
}

describe.each(['outcome', 'feedback', 'demonstration', 'reward'] as const)('%s', (type) => {
  test.each<[object, string[]]>([
    [{ decision_id: DECISION }, []],
    [{ decision_id: DECISION, episode_id: 'e' }, []],
    [{ decision_id: DECISION, policy: 'p' }, []],
    [{ policy: 'p', external_id: 'x' }, []],
    [{ policy: 'p', external_id: 'x', episode_id: 'e' }, []],
    [{ policy: 'p', episode_id: 'e' }, []],
    [{}, [THREE]],
    [{ policy: 'p' }, [THREE]],
    [{ external_id: 'x' }, [POLICY]],
    [{ episode_id: 'e' }, [POLICY]],
    [{ policy: 'p', decision_id: DECISION, external_id: 'x' }, [BOTH]],
  ])('%j', (references, expected) => {
    expect(mistakes(eventSchema, withReferences(type, references))).toEqual(expected);
  });
});

test.each<[object, string[]]>([
  [{ decision_id: DECISION }, []],
  [{ policy: 'p', external_id: 'x' }, []],
  [{ policy: 'p', episode_id: 'e' }, [TWO]],
  [{}, [TWO]],
  [{ external_id: 'x' }, [POLICY]],
])('an activation is of one decision: %j', (references, expected) => {
  expect(mistakes(eventSchema, withReferences('activation', references))).toEqual(expected);
});

describe.each(['inference', 'preference'] as const)('%s may stand by itself', (type) => {
  test.each<[object, string[]]>([
    [{}, []],
    [{ policy: 'p' }, []],
    [{ decision_id: DECISION }, []],
    [{ episode_id: 'e' }, [POLICY]],
    [{ decision_id: DECISION, external_id: 'x' }, [BOTH]],
  ])('%j', (references, expected) => {
    expect(mistakes(eventSchema, withReferences(type, references))).toEqual(expected);
  });
});

test.each<[object, string[]]>([
  [{ policy: 'p', episode_id: 'e' }, []],
  [{ policy: 'p' }, ['/episode_id is required']],
  [{ episode_id: 'e' }, ['/policy is required']],
  [{ policy: 'p', episode_id: 'e', decision_id: DECISION, external_id: 'x' }, [BOTH]],
])('an episode ends by its policy and id: %j', (references, expected) => {
  expect(mistakes(eventSchema, withReferences('episode_end', references))).toEqual(expected);
});

test.each<[object, string[]]>([
  [{ policy: 'p' }, []],
  [{ policy: 'p', external_id: 'x', episode_id: 'e' }, []],
  [{ external_id: 'x' }, ['/policy is required']],
  [
    { policy: 'p', decision_id: DECISION },
    ['/decision_id must not be there: the id of a decision is that of its event'],
  ],
])('a decision is its own: %j', (references, expected) => {
  expect(mistakes(eventSchema, withReferences('decision', references))).toEqual(expected);
});
