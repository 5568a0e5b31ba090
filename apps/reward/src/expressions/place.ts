import type { Finding } from './expression.ts';

/** Line and column of an offset, both from 1. */
export function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** Something found at a part of an expression. */
export function findingAt(
  source: string,
  { start, end }: { start: number; end: number },
  code: string,
  message: string,
): Finding {
  return { code, message, start, end, ...placeOf(source, start) };
}
