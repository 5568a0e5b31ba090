import { spreadOf } from '../statistics.ts';
import { type Figure, ratiosOf, shown } from './figure.ts';
import { type Column, table } from './table.ts';

/** Findings that are no figure beside a reference. */
export interface FindingsSheet {
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly string[])[];
}

/** What a bench found. */
export interface Findings {
  figures: Figure[];
  /** Shown before the figures. */
  sheets?: FindingsSheet[];
  /** What only the file has: numbers that later runs, or other people, reckon with. */
  details?: object;
  /** Lines below the table: goals, and what a reader must know to judge the figures. */
  notes: string[];
}

/** A sheet as text. */
export function sheetText({ title, columns, rows }: FindingsSheet): string {
  return `${title}\n\n${table(columns, rows)}`;
}

/** The table of a bench: each figure beside its reference. */
export function findingsTable(figures: readonly Figure[]): string {
  return table(
    [
      { title: 'median of the repetitions', align: 'left' },
      { title: 'RLaaS', align: 'right' },
      { title: 'reference', align: 'right' },
      { title: '', align: 'left' },
      { title: 'ratio', align: 'right' },
      { title: 'min', align: 'right' },
      { title: 'max', align: 'right' },
      { title: 'goal', align: 'right' },
    ],
    figures.map(rowOf),
  );
}

function rowOf(figure: Figure): string[] {
  const ratios = ratiosOf(figure);
  const ratio = ratios && spreadOf(ratios);
  const { reference } = figure;
  return [
    figure.name,
    shown(spreadOf(figure.measured).median, figure.unit),
    reference ? shown(spreadOf(reference.measured).median, figure.unit) : '',
    reference?.name ?? '',
    ...(ratio ? [ratio.median, ratio.min, ratio.max].map((value) => value.toFixed(2)) : ['', '', '']),
    figure.goal === undefined ? '' : figure.goal.toFixed(2),
  ];
}

/** The same as data, for a file. Repetitions are listed one by one, so that anyone can judge their spread. */
export function findingsRecord(findings: Findings): object {
  return {
    figures: findings.figures.map((figure) => {
      const ratios = ratiosOf(figure);
      return {
        name: figure.name,
        unit: figure.unit,
        goal: figure.goal,
        measured: spreadOf(figure.measured),
        reference: figure.reference && {
          name: figure.reference.name,
          ...spreadOf(figure.reference.measured),
        },
        ratio: ratios && spreadOf(ratios),
        repetitions: figure.measured.map((measured, index) => ({
          measured,
          reference: figure.reference?.measured[index],
        })),
      };
    }),
    ...(findings.sheets && { sheets: findings.sheets }),
    notes: findings.notes,
    ...(findings.details && { details: findings.details }),
  };
}
