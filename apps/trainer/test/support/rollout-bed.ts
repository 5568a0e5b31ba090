import { createDatabase } from '@rlaas/database';
import {
  type DecisionData,
  type RolloutDetails,
  policyConfigurationSchema,
  rolloutSettingsSchema,
  versionConfigurationSchema,
} from '@rlaas/schemas';
import { createTestDatabase } from '@rlaas/testkit';
import { createRolloutWorker } from '../../src/rollouts/rollout-worker.ts';
import { type RolloutOutcome, createRollouts } from '../../src/rollouts/rollouts.ts';
import { type WrittenDecision, numbers, writeHistory } from './history.ts';

export const TENANT = '0190a000-0000-7000-8000-000000000001';
export const WINDOW_MS = 60_000;
const SETTINGS = { canary_steps: [0.25, 0.5], dwell: '1m', least_rewards: 50 };

/** How decisions are made, and what comes of them. */
export interface Serving {
  candidate: string;
  incumbent: string | null;
  /** Mean reward of the two actions. */
  rewards: readonly [number, number];
  share?: number;
  /** Probabilities of both, of the two actions. */
  ofCandidate?: readonly [number, number];
  ofIncumbent?: readonly [number, number];
}

/** A database of its own with rollouts, a clock that the test moves, and policies one after the other. */
export async function createRolloutBed() {
  const db = await createTestDatabase({ seeded: true });
  const database = createDatabase({
    url: db.url,
    poolMax: 8,
    applicationName: 'rollouts',
    onIdleError: () => undefined,
  });
  const random = numbers(20261123);
  const failures: unknown[] = [];
  let made = 0;
  const bed = {
    db,
    database,
    random,
    clock: Date.now() - 6 * 3_600_000,
    /** Name of the policy that is tested now. */
    policy: '',
    rollouts: createRollouts({ database, now: (): number => bed.clock }),
    makePolicy,
    makeVersion,
    saveSpecification,
    begin,
    approve,
    find,
    findOpen,
    statuses,
    look,
    serve,
    write,
  };

  /** @param versions their configurations, by name */
  async function makePolicy(
    settings: object = {},
    {
      exploration = 0.2,
      versions = { v1: {} },
    }: { exploration?: number; versions?: Record<string, object> } = {},
  ): Promise<void> {
    made += 1;
    bed.policy = `p${made}`;
    const configuration = policyConfigurationSchema.parse({
      baseline_exploration: exploration,
      rollout: rolloutSettingsSchema.parse({ ...SETTINGS, ...settings }),
    });
    await db.sql(
      `insert into rlaas.policies (tenant_id, name, configuration, source) values ($1, $2, $3, 'api')`,
      [TENANT, bed.policy, configuration],
    );
    for (const [name, version] of Object.entries(versions)) await makeVersion(name, version);
    await saveSpecification(1);
  }

  async function makeVersion(name: string, version: object = {}): Promise<void> {
    await db.sql(
      `insert into rlaas.policy_versions (tenant_id, policy, name, status, configuration, source)
       values ($1, $2, $3, 'draft', $4, 'api')`,
      [TENANT, bed.policy, name, versionConfigurationSchema.parse({ minimum_probability: 0.2, ...version })],
    );
  }

  async function saveSpecification(version: number, inputs: object = {}): Promise<void> {
    const definition = {
      range: [0, 1],
      window: { after: `${WINDOW_MS / 1_000}s`, grace: '0s' },
      credit: 'equal',
      inputs: {
        sent: { event: 'outcome', name: 'sent', aggregate: 'first', scope: 'decision', ...inputs },
      },
      value: 'has(e.sent) ? 1.0 : 0.0',
    };
    await db.sql(
      'insert into rlaas.reward_specs (tenant_id, policy, version, definition) values ($1, $2, $3, $4)',
      [TENANT, bed.policy, version, definition],
    );
  }

  async function begin(version = 'v1'): Promise<RolloutDetails> {
    // Ids are in the order of time.
    bed.clock += 1;
    return done(await bed.rollouts.start(TENANT, 'ann', bed.policy, version));
  }

  /** Takes the next step of a rollout by a person's word, as often as asked. */
  async function approve(id: string, times = 1): Promise<RolloutDetails> {
    let rollout = await find(id);
    for (let time = 0; time < times; time += 1) {
      const { revision } = rollout;
      rollout = done(await bed.rollouts.approve(TENANT, 'ann', id, { revision, reason: 'go' }));
    }
    return rollout;
  }

  async function find(id: string): Promise<RolloutDetails> {
    const found = await bed.rollouts.find(TENANT, id);
    if (!found) throw new Error(`no rollout ${id}`);
    return found;
  }

  /** The rollout of a version that goes on. */
  async function findOpen(version: string): Promise<RolloutDetails> {
    const open = await bed.rollouts.list(
      TENANT,
      { policy: bed.policy, open: true },
      { after: undefined, limit: 9 },
    );
    return find(open.find((one) => one.version === version)?.id ?? '');
  }

  async function statuses(): Promise<Record<string, string>> {
    const rows = await db.sql<{ name: string; status: string }>(
      'select name, status from rlaas.policy_versions where tenant_id = $1 and policy = $2',
      [TENANT, bed.policy],
    );
    return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
  }

  /** Looks until nothing more can be taken in. */
  async function look(): Promise<void> {
    const looking = createRolloutWorker({
      database,
      now: () => bed.clock,
      onMoved: () => undefined,
      onFailure: (_, error) => failures.push(error),
    });
    while (await looking.round());
    await looking.round();
    if (failures.length > 0) throw new AggregateError(failures.splice(0), 'a rollout could not be looked at');
  }

  /** Decisions as a gateway logs them, one each 100 ms, with rewards of 0 and 1; the clock goes on until they are closed. */
  async function serve(
    count: number,
    serving: Serving,
    change: Partial<WrittenDecision> = {},
  ): Promise<void> {
    const { candidate, incumbent, share = 0, rewards } = serving;
    const ofCandidate = serving.ofCandidate ?? [0.3, 0.7];
    const ofIncumbent = serving.ofIncumbent ?? [0.7, 0.3];
    const decisions = Array.from({ length: count }, (_, index): WrittenDecision => {
      const isCandidate = random() < share;
      const probabilities = isCandidate ? ofCandidate : ofIncumbent;
      const chosen = random() < probabilities[0] ? 0 : 1;
      const other = isCandidate
        ? {
            version: incumbent ?? 'baseline',
            checkpoint: null,
            share: 1 - share,
            probabilities: [...ofIncumbent],
          }
        : {
            version: candidate,
            checkpoint: 7,
            ...(share > 0 && { share }),
            probabilities: [...ofCandidate],
          };
      const data: Partial<DecisionData> = {
        probabilities: [...probabilities],
        chosen,
        propensity: probabilities[chosen] ?? 0,
        policy_version: isCandidate ? candidate : incumbent,
        mode: share === 1 ? 'live' : isCandidate ? 'canary' : incumbent === null ? 'shadow_only' : 'live',
        shadow: [share === 1 ? { ...other, share: undefined } : other],
        ...(share > 0 && share < 1 && { version_share: isCandidate ? share : 1 - share }),
      };
      return {
        at: bed.clock + index * 100,
        data,
        reward: random() < (rewards[chosen] ?? 0) ? 1 : 0,
        ...change,
      };
    });
    await write(decisions);
  }

  /** Stores decisions; the clock goes on until they are closed. */
  async function write(decisions: readonly WrittenDecision[]): Promise<void> {
    const plain = JSON.parse(JSON.stringify(decisions)) as WrittenDecision[];
    await writeHistory(db, TENANT, bed.policy, plain);
    bed.clock += decisions.length * 100 + WINDOW_MS + 1_000;
  }

  return bed;
}

/** The rollout after what was asked. @throws when it was refused */
export function done(outcome: RolloutOutcome): RolloutDetails {
  if (outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.rollout;
}
