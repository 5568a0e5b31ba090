import { newId } from '@rlaas/database';

/** An event that is well, new each time. */
export function goodEvent(): Record<string, unknown> {
  return {
    id: newId(Date.now()),
    type: 'outcome',
    occurred_at: new Date().toISOString(),
    source: 'good',
    decision_id: newId(Date.now()),
    data: { name: 'right', value: true },
  };
}
