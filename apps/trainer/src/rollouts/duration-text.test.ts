import { expect, test } from 'vitest';
import { durationText } from './duration-text.ts';

test.each([
  [0, '0 s'],
  [1, '1 s'],
  [59_001, '1 min'],
  [600_000, '10 min'],
  [259_800_000, '3 d 10 min'],
  [93_784_000, '1 d 2 h'],
])('%d ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));
