import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FoundBytes, type Journal, type JournalOptions, openJournal } from '../journal.ts';

/** A folder that is gone after the test. */
export function testFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rlaas-journal-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Time that goes on when the test says so; it begins now, since files carry the real time. */
export class TestClock {
  at = Date.now();
  readonly now = (): number => this.at;

  pass(ms: number): void {
    this.at += ms;
  }
}

export const TENANT = '0190a000-0000-7000-8000-00000000000a';
export const OTHER = '0190a000-0000-7000-8000-00000000000b';

/** The id of the decision of this number. */
export function idOf(number: number): string {
  return `019aadf0-6a00-7c3e-9d2b-${number.toString(16).padStart(12, '0')}`;
}

/** An event with this number's id, with `filling` more characters. */
export function jsonOf(number: number, filling = 0): string {
  return JSON.stringify({ id: idOf(number), n: number, text: 'é'.repeat(filling) });
}

/** Opens a journal and closes it after the test, unless the test did. */
export function open(
  folder: string,
  options: Partial<JournalOptions> = {},
): Journal & { torn: FoundBytes[]; damage: FoundBytes[] } {
  const torn: FoundBytes[] = [];
  const damage: FoundBytes[] = [];
  const journal = openJournal({
    folder,
    now: Date.now,
    keepMs: 600_000,
    maxBytes: 64 * 1024 * 1024,
    fsync: 'never',
    onDamage: (found) => damage.push(found),
    onTorn: (found) => torn.push(found),
    ...options,
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= journal.close());
  onTestFinished(close);
  return { ...journal, close, torn, damage };
}

/** Takes everything out of the journal that can be shipped now, as the collector would see it: tenant and number. */
export async function shipAll(journal: Journal): Promise<[tenant: string, number: number][]> {
  const arrived: [string, number][] = [];
  for (let shipment = await journal.shipments.next(); shipment; shipment = await journal.shipments.next()) {
    const { events } = JSON.parse(shipment.body.toString()) as { events: { n: number }[] };
    for (const { n } of events) arrived.push([shipment.tenantId, n]);
    shipment.shipped([]);
  }
  return arrived;
}

export function range(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}
