import { expect, test } from 'vitest';
import { CommandError, EXIT } from '../exit-codes.ts';
import { patiently } from './patiently.ts';

const away = new CommandError(EXIT.failed, 'away', { passes: true });
const failing = (errors: Error[]) => async () => {
  const error = errors.shift();
  if (error) throw error;
  return 'done';
};

test('what is away for a moment is asked again, and told once', async () => {
  const told: string[] = [];
  const onAway = ({ message }: Error) => told.push(message);
  expect(await patiently(failing([away, away]), { forMs: 10_000, onAway })).toBe('done');
  expect(told).toEqual(['away']);
});

test('what stays away, and what is refused, is an error', async () => {
  await expect(patiently(failing([away, away]), { forMs: 0 })).rejects.toBe(away);
  const refused = new CommandError(EXIT.failed, 'refused');
  await expect(patiently(failing([refused]), { forMs: 10_000 })).rejects.toBe(refused);
});
