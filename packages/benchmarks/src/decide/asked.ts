import { newId } from '@rlaas/database';

const TOPICS = ['billing', 'delivery', 'login', 'refund', 'bug'];
const CHANNELS = ['email', 'chat', 'web'];
const LANGUAGES = ['en', 'de', 'fr', 'es'];
const ACTIONS = Array.from({ length: 10 }, (_, index) => ({ id: `style-${index}` }));

/**
 * Requests for decisions as an application would send them: an id of its own, 20 features of the context (5 texts, 3
 * truth values, 12 numbers) and 10 actions. About 800 bytes each.
 */
export function bodiesAsked(count: number, policy: string, now: () => number): string[] {
  return Array.from({ length: count }, (_, n) =>
    JSON.stringify({ id: newId(now()), policy, context: contextOf(n), actions: ACTIONS }),
  );
}

function contextOf(n: number): Record<string, string | number | boolean> {
  return {
    topic: TOPICS[n % 5] ?? '',
    channel: CHANNELS[n % 3] ?? '',
    language: LANGUAGES[n % 4] ?? '',
    customer_tier: n % 7 === 0 ? 'business' : 'free',
    priority: n % 11 === 0 ? 'urgent' : 'normal',
    returning: n % 2 === 0,
    attachment: n % 5 === 0,
    weekend: n % 7 > 4,
    message_length: 40 + (n % 900),
    hour: n % 24,
    sentiment: (n % 21) / 10 - 1,
    open_tickets: n % 6,
    account_age_days: n % 2_000,
    orders_last_month: n % 9,
    refunds_last_year: n % 4,
    response_time_hours: (n % 480) / 10,
    agent_load: (n % 101) / 100,
    similarity_to_template: (n % 97) / 97,
    reading_grade: 5 + (n % 8),
    spend_index: (n % 333) / 33.3,
  };
}
