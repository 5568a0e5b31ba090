import type { Answer, AnsweredDecision, History, StoredDecision } from './history.ts';

/** What was broken, of which decision. */
export interface Violation {
  kind: 'lost' | 'twice' | 'changed' | 'answers_differ' | 'ghost' | 'no_end' | 'unexpected' | 'other';
  id: string;
  what: string;
}

/** Compares what was answered with what is stored. */
export function checkHistory(history: History, stored: readonly StoredDecision[]): Violation[] {
  const rows = Map.groupBy(stored, ({ id }) => id);
  const violations: Violation[] = [];
  for (const [id, answers] of history) {
    violations.push(...ofAnswers(id, answers), ...ofRows(id, answers, rows.get(id) ?? []));
  }
  for (const id of rows.keys()) {
    if (!history.has(id)) violations.push({ kind: 'ghost', id, what: 'it was never asked for' });
  }
  return violations;
}

function* ofAnswers(id: string, answers: readonly Answer[]): Generator<Violation> {
  for (const answer of answers) {
    if (answer.kind !== 'unexpected') continue;
    yield { kind: 'unexpected', id, what: `${answer.status}: ${answer.body}` };
  }
  const decided = answers.filter((answer) => answer.kind === 'decided');
  if (decided.length === 0) yield { kind: 'no_end', id, what: `asked ${answers.length} times` };
  const texts = new Set(decided.filter(isLogged).map(({ text }) => text));
  if (texts.size > 1) yield { kind: 'answers_differ', id, what: [...texts].join(' and ') };
}

function* ofRows(
  id: string,
  answers: readonly Answer[],
  rows: readonly StoredDecision[],
): Generator<Violation> {
  const logged = answers.find(isLogged);
  const [row] = rows;
  if (rows.length > 1) yield { kind: 'twice', id, what: `${rows.length} rows` };
  if (logged?.kind === 'decided' && !row) yield { kind: 'lost', id, what: logged.text };
  if (logged?.kind === 'decided' && row && !agrees(logged.decision, row)) {
    yield { kind: 'changed', id, what: `${logged.text}, stored ${JSON.stringify(row)}` };
  }
  // What got no answer may have been logged.
  const mayBe = answers.some((answer) => isLogged(answer) || answer.kind === 'unanswered');
  if (row && !mayBe) yield { kind: 'ghost', id, what: `stored ${JSON.stringify(row)}` };
}

function isLogged(answer: Answer): boolean {
  return answer.kind === 'decided' && answer.decision.mode !== 'degraded';
}

function agrees(answered: AnsweredDecision, row: StoredDecision): boolean {
  return (
    answered.action === row.action &&
    answered.probability === row.propensity &&
    answered.policy_version === row.policy_version &&
    answered.checkpoint === row.checkpoint &&
    answered.mode === row.mode
  );
}
