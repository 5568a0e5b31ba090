import { expect, test } from 'vitest';
import { tidyComponents } from './schema-components.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

test('keeps what is referred to, from anywhere, in alphabetical order', () => {
  const { schemas } = tidyComponents(
    { '/a': [ref('Zebra'), { $ref: 'https://elsewhere.example/Unused' }] },
    { Zebra: { items: ref('Apple') }, Unused: { items: ref('Never') }, Never: {}, Apple: { type: 'string' } },
  );
  expect(Object.keys(schemas)).toEqual(['Apple', 'Zebra']);
});

test('makes one of two forms that say the same, also through each other', () => {
  const { paths, schemas } = tidyComponents(
    { '/a': { in: ref('TreeInput'), out: ref('Tree') } },
    {
      Tree: { left: ref('Tree'), leaf: ref('Leaf') },
      TreeInput: { left: ref('TreeInput'), leaf: ref('LeafInput') },
      Leaf: { type: 'string' },
      LeafInput: { type: 'string' },
    },
  );
  expect(schemas).toEqual({ Leaf: { type: 'string' }, Tree: { left: ref('Tree'), leaf: ref('Leaf') } });
  expect(paths).toEqual({ '/a': { in: ref('Tree'), out: ref('Tree') } });
});

test('keeps both forms where they differ, also only deep down', () => {
  const { schemas } = tidyComponents(
    { '/a': { in: ref('TreeInput'), out: ref('Tree') } },
    {
      Tree: { leaf: ref('Leaf') },
      TreeInput: { leaf: ref('LeafInput') },
      Leaf: { type: 'string' },
      LeafInput: { type: 'string', default: 'x' },
    },
  );
  expect(Object.keys(schemas)).toEqual(['Leaf', 'LeafInput', 'Tree', 'TreeInput']);
});

test('gives a form that stands alone its plain name', () => {
  const { paths, schemas } = tidyComponents(
    { '/a': ref('PolicyInput') },
    { Policy: { type: 'object', required: ['a'] }, PolicyInput: { type: 'object' } },
  );
  expect([paths, schemas]).toEqual([{ '/a': ref('Policy') }, { Policy: { type: 'object' } }]);
});

test('refuses a schema that refers to itself without a name', () => {
  expect(() =>
    tidyComponents({ '/a': ref('Tree') }, { Tree: { items: ref('__shared#/$defs/schema0') } }),
  ).toThrow('must have a name');
});
