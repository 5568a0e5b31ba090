import type { Agent } from 'node:http';
import { exchange } from './exchange.ts';
import { goodEvent } from './good-event.ts';

const PATIENCE_MS = 20_000;

/** Sends so many events as an application would, and asks for a result of each. */
export function goodRequest(given: {
  origin: string;
  key: string;
  events: number;
  agent: Agent;
}): ReturnType<typeof exchange> {
  return exchange({
    origin: given.origin,
    path: '/v1/events',
    headers: {
      authorization: `Bearer ${given.key}`,
      'content-type': 'application/json',
      prefer: 'return=representation',
    },
    body: JSON.stringify({ events: Array.from({ length: given.events }, goodEvent) }),
    patienceMs: PATIENCE_MS,
    agent: given.agent,
  });
}
