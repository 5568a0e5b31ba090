import type { Decision, DecisionEvent } from '@rlaas/schemas';
import type { DecisionRecord, ShadowRecord } from './decision-record.ts';

/** Texts without anything that JSON escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The event of a decision as JSON, as the journal keeps it and the collector gets it. Put together by hand: names and
 * ids need no escaping, and probabilities are turned into text once for event and answer.
 * @param probabilityTexts of each action
 */
export function eventText(record: DecisionRecord, probabilityTexts: readonly string[]): string {
  const { asked } = record;
  let text =
    `{"id":"${record.id}","type":"decision","schema_version":1,"occurred_at":"${record.time}",` +
    `"source":"gateway","policy":"${asked.policy}"`;
  if (asked.external_id !== undefined) text += `,"external_id":${quoted(asked.external_id)}`;
  if (asked.episode_id !== undefined) text += `,"episode_id":${quoted(asked.episode_id)}`;
  text +=
    `,"data":{"context":${asked.context ? JSON.stringify(asked.context) : '{}'}` +
    `,"actions":${record.actionsText ?? JSON.stringify(record.actions)}` +
    `,"probabilities":[${probabilityTexts.join(',')}],"chosen":${record.chosen}` +
    `,"propensity":${probabilityTexts[record.chosen] ?? ''}` +
    `,"policy_version":${quotedName(record.version)},"checkpoint":${record.checkpoint},"mode":"${record.mode}"`;
  if (record.share !== undefined) text += `,"version_share":${record.share}`;
  if (record.failed !== undefined) text += `,"failed_version":"${record.failed}"`;
  if (record.failedBeside !== undefined) text += `,"failed_beside":"${record.failedBeside}"`;
  if (record.shadows.length > 0) text += `,"shadow":[${record.shadows.map(shadowText).join(',')}]`;
  if (asked.deferred !== undefined) text += `,"deferred":${asked.deferred}`;
  if (asked.excluded !== undefined && asked.excluded.length > 0) {
    text += `,"excluded":${JSON.stringify(asked.excluded)}`;
  }
  if (asked.sticky !== undefined) text += ',"sticky":"episode"';
  if (record.stickyOf !== undefined) text += `,"sticky_of":"${record.stickyOf}"`;
  return `${text}}}`;
}

/** What is answered, as JSON. */
export function answerText(record: DecisionRecord, probabilityTexts: readonly string[]): string {
  const { actions, asked, chosen } = record;
  const excluded = asked.excluded && asked.excluded.length > 0 ? new Set(asked.excluded) : undefined;
  const ranking = ranked(record.probabilities);
  let list = '';
  for (const index of ranking) {
    const id = actions[index]?.id ?? '';
    list += `${list === '' ? '' : ','}{"id":${quoted(id)},"probability":${probabilityTexts[index] ?? ''}${
      excluded?.has(id) === true ? ',"excluded":true' : ''
    }}`;
  }
  return (
    `{"id":"${record.id}","policy":"${asked.policy}","action":${quoted(actions[chosen]?.id ?? '')}` +
    `,"probability":${probabilityTexts[chosen] ?? ''},"ranking":[${list}]` +
    `,"policy_version":${quotedName(record.version)},"checkpoint":${record.checkpoint},"mode":"${record.mode}"` +
    `${record.stickyOf === undefined ? '' : `,"sticky_of":"${record.stickyOf}"`}}`
  );
}

/** The answer to a decision that was recorded: the same object as was answered then. */
export function decisionOf(event: DecisionEvent): Decision {
  const { data } = event;
  const probabilities = data.probabilities ?? data.actions.map(() => 0);
  const excluded = new Set(data.excluded);
  const decision: Decision = {
    id: event.id,
    policy: event.policy,
    action: data.actions[data.chosen]?.id ?? '',
    probability: data.propensity,
    ranking: ranked(probabilities).map((index) => {
      const id = data.actions[index]?.id ?? '';
      const probability = probabilities[index] ?? 0;
      return excluded.has(id) ? { id, probability, excluded: true } : { id, probability };
    }),
    policy_version: data.policy_version,
    checkpoint: data.checkpoint,
    mode: data.mode,
  };
  if (data.sticky_of !== undefined) decision.sticky_of = data.sticky_of;
  return decision;
}

/** Indices by falling probability; equal ones stay in the order of the actions. */
function ranked(probabilities: readonly number[]): number[] {
  return probabilities
    .map((_, index) => index)
    .toSorted((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
}

function shadowText({ version, checkpoint, share, probabilities }: ShadowRecord): string {
  const shared = share === undefined ? '' : `,"share":${share}`;
  return `{"version":"${version}","checkpoint":${checkpoint}${shared},"probabilities":[${probabilities.join(',')}]}`;
}

function quotedName(name: string | null): string {
  return name === null ? 'null' : `"${name}"`;
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
