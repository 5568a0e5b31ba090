import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Features, HashableAction } from '@rlaas/learning';

/** A multiclass data set as decisions: the features of a row are the context, its class is the one right action. */
export interface Dataset {
  name: string;
  contexts: readonly Features[];
  actions: readonly HashableAction[];
  /** Index of the right action of each row. */
  right: readonly number[];
}

/** The data sets of the bench, the smallest first. */
export const DATASETS = [
  'iris',
  'wine',
  'led7digit',
  'breast_cancer',
  'vehicle',
  'vowel',
  'phishing',
  'contraceptive',
  'digits',
  'segment',
  'mushroom',
] as const;

/** @param folder of `<name>.csv`, whose first column is the class */
export function readDataset(folder: string, name: string): Dataset {
  const [head = '', ...lines] = readFileSync(join(folder, `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n');
  const [, ...names] = head.split(',');
  const rows = lines.map((line) => line.split(','));
  const classes = [...new Set(rows.map(([label = '']) => label))].toSorted();
  return {
    name,
    contexts: rows.map(([, ...values]) => featuresOf(names, values)),
    actions: classes.map((id) => ({ id })),
    right: rows.map(([label = '']) => classes.indexOf(label)),
  };
}

function featuresOf(names: readonly string[], values: readonly string[]): Features {
  return Object.fromEntries(
    names.map((name, index) => {
      const text = values[index] ?? '';
      const number = Number(text);
      return [name, text === '' || Number.isNaN(number) ? text : number];
    }),
  );
}
