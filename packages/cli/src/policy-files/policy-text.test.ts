import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readPolicyText } from './policy-text.ts';
import { showMistakes } from './show-mistakes.ts';
import { readYamlDocument } from './yaml-document.ts';

const EXAMPLE = new URL('../../../../config/policies/support-draft.yaml', import.meta.url);

/** Mistakes as `line:column message`. */
function mistakesOf(text: string): string[] {
  const read = readPolicyText('p.yaml', text);
  return read.ok ? [] : read.mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`);
}
const valueOf = (text: string): unknown => {
  const read = readYamlDocument(text);
  return read.ok ? read.value : read.mistakes;
};

describe('a policy file', () => {
  test('the example is right', () => {
    expect(mistakesOf(readFileSync(EXAMPLE, 'utf8'))).toEqual([]);
  });

  test('every mistake has its line and column, in the order of the text', () => {
    const text = `policy: Support
actions:
  - id: a
    desciption: x
  - { id: a }
reward:
  inputs: { sent: { event: outcome, name: sent, aggregate: first } }
  value: e.sent
  range: [0, 1]
  window: { after: 1h30m }
versions:
  - name: v0
    explorer:
      kind: fixed
      probabilities: { a: 0.5, b: 0.5 }
    minimum_probability: 0.001
`;
    expect(mistakesOf(text)).toEqual([
      '1:9 policy must be 1 to 63 of a-z, 0-9 and "-", and begin with a letter or a digit',
      '4:5 actions[0].desciption is not known here; did you mean "description"?',
      '5:11 actions[1].id must be unique: "a" is there before',
      '10:3 reward.window.grace is required',
      '10:20 reward.window.after must be a number and one unit: 250ms, 90s, 10m, 72h, 7d',
      '16:26 versions[0].minimum_probability must be at least 0.01, or 0, and then nothing can be evaluated from what is logged',
    ]);
  });

  test('actions that fixed probabilities name are looked for, once the actions are right', () => {
    expect(
      mistakesOf(
        'policy: p\nactions: [{ id: a }]\nversions:\n  - name: v0\n    explorer: { kind: fixed, probabilities: { b: 1 } }\n',
      ),
    ).toEqual([
      '5:47 versions[0].explorer.probabilities.b is no action of the policy; declare it, or leave it out',
    ]);
  });

  test('the line is shown with a mark below the mistake, also when it is very long', () => {
    const long = `policy: p\ndescription: "${'x'.repeat(1_500)}"\nactions: [{ id: ${'y'.repeat(200)}, nonsense: 1 }]\n`;
    const read = readPolicyText('p.yaml', long);
    if (read.ok) throw new Error('it was read');
    const shown = showMistakes(read.mistakes).split('\n');
    expect(shown.every((line) => line.length < 160)).toBe(true);
    expect(shown.slice(-3)).toEqual([
      'p.yaml:3:219: actions[0].nonsense is not known here; known are id, description, features',
      `    3 | ${'y'.repeat(57)}, nonsense: 1 }]`,
      `      | ${' '.repeat(59)}^`,
    ]);
  });
});

describe('a YAML document', () => {
  test.for([
    ['', '1:1 the file is empty'],
    ['# only words\n', '1:1 the file is empty'],
    ['policy: a\n---\npolicy: b\n', '3:1 a second document begins here; write one file for each policy'],
    ['policy: a\npolicy: b\n', '2:1 "policy" is there twice'],
    ['policy: *x\n', '1:9 there is no anchor &x before this'],
    ['policy: &x { y: *x }\n', '1:17 *x stands within what it stands for'],
    ['policy: !secret a\n', '1:9 unresolved tag: !secret'],
    ['%YAML 1.1\n---\npolicy: a\n', '1:1 only YAML 1.2 is read; leave the %YAML line out'],
    ['policy: "a\\0b"\n', '1:9 this text holds characters that cannot be stored'],
    [
      'policy: a\nversions: 9007199254740993\n',
      '2:11 whole numbers are exact up to 9007199254740991 only; write it as text',
    ],
    ['? [a]\n: b\n', '1:3 a name must be plain text'],
    ['policy: a\n__proto__: {}\n', '2:1 "__proto__" cannot be a name'],
    ['policy:\n\ta: 1\n', '2:1 tabs are not allowed as indentation'],
    ['a: { <<: 1 }\n', '1:10 only an object, or a list of them, can be merged'],
  ])('%j: %s', ([text, mistake]) => {
    expect(mistakesOf(text ?? '')).toEqual([mistake]);
  });

  test('anchors, aliases and merges are read as they are meant', () => {
    expect(
      valueOf(`
common: &common { learner: &l { bits: 18 }, floor: 0.1 }
shallow: { <<: *common, floor: 0.2 }
list: { <<: [{ floor: 1 }, *common] }
later: *l
l2: &l 1
again: *common
last: *l
`),
    ).toEqual({
      common: { learner: { bits: 18 }, floor: 0.1 },
      shallow: { learner: { bits: 18 }, floor: 0.2 },
      list: { floor: 1, learner: { bits: 18 } },
      later: { bits: 18 },
      l2: 1,
      again: { learner: { bits: 18 }, floor: 0.1 },
      last: 1,
    });
  });

  test('a few lines that stand for more than fits are refused, and so is what is too deep', () => {
    const letters = 'abcdefghijkl'.split('');
    const bomb = letters
      .map(
        (name, index) =>
          `${name}: &${name} [${Array(9)
            .fill(index === 0 ? 1 : `*${letters[index - 1]}`)
            .join(', ')}]`,
      )
      .join('\n');
    expect(valueOf(bomb)).toMatchObject([{ message: 'the file stands for more than 100000 values' }]);
    const deep = 'this is nested too deeply; at most 48 levels are read';
    expect(valueOf('['.repeat(100_000))).toMatchObject([{ message: deep }]);
    expect(valueOf(`a: ${'['.repeat(65)}${']'.repeat(65)}`)).toMatchObject([{ message: deep }]);
    const chain = Array.from(
      { length: 80 },
      (_, index) => `a${index}: &a${index} { x: ${index === 0 ? '1' : `*a${index - 1}`} }`,
    );
    expect(valueOf(chain.join('\n'))).toMatchObject([{ message: deep }]);
  });

  test('what is written out comes back, and many names take no longer than they must', () => {
    const value = fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
        fc.boolean(),
        fc.constant(null),
      ),
    );
    fc.assert(
      fc.property(value, (written) => {
        expect(valueOf(stringify(written, { version: '1.2' }))).toEqual({ ...written });
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, index]));
    expect(valueOf(stringify(many))).toEqual(many);
  });

  test('any text is read or refused with a place in it', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '&x ',
      '*x',
      '<<',
      '"',
      "'",
      '#',
      '|',
      '---\n',
      '? ',
      ',',
      '\t',
      '!t ',
      '%YAML 1.1\n',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        (text) => {
          const read = readPolicyText('p.yaml', text);
          const found = read.ok ? [read.nameOf] : read.mistakes;
          expect(found.length).toBeGreaterThan(0);
          for (const { line, column } of found) {
            expect(line).toBeGreaterThan(0);
            expect(column).toBeGreaterThan(0);
          }
          expect(showMistakes(found)).not.toBe('');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
