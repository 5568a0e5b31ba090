const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const WHOLE = /^\d{1,15}$/;
/** Seconds since 1970 up to the year 5138; above, it is milliseconds since 1973. */
const MOST_SECONDS = 100_000_000_000;

/**
 * A time of a source in the form of events (UTC, milliseconds; what is finer is cut off), `undefined` when it is none.
 * Taken are ISO 8601 with `T` or a blank, UTC where it names no zone, and seconds or milliseconds since 1970.
 */
export function parseTime(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? ofNumber(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return WHOLE.test(text) ? ofNumber(Number(text)) : ofText(text);
}

function ofNumber(value: number): string | undefined {
  const date = new Date(Math.trunc(value < MOST_SECONDS ? value * 1_000 : value));
  return date.getTime() < Date.UTC(10_000, 0) ? date.toISOString() : undefined;
}

function ofText(text: string): string | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, milliseconds);
  // A 30th of February would become a day of March.
  const same =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  const offset = offsetMinutes(match[8]);
  if (!same || offset === undefined) return undefined;
  const shifted = new Date(date.getTime() - offset * 60_000).toISOString();
  // Years before 0 and after 9999 have another form.
  return /^\d{4}-/.test(shifted) ? shifted : undefined;
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
