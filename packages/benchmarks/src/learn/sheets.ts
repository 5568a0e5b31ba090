import type { FindingsSheet } from '../report/report.ts';
import type { Column } from '../report/table.ts';
import { type DriftRow, MOST } from './drift.ts';
import { type Comparison, type Estimate, type Losses, bestOf, estimateOf, overall } from './losses.ts';
import type { VowpalWabbitResults } from './vowpalwabbit-results.ts';

interface Learner {
  name: string;
  losses: Losses;
}

/** RLaaS beside VW, a row for each data set. */
export function comparisonSheet(
  ours: Learner,
  results: VowpalWabbitResults,
  best: Learner,
  comparison: Comparison,
): FindingsSheet {
  const shown = [ours, ...results.usual, best];
  const rows = [...ours.losses.keys()].map((dataset) => {
    const alone = bestOf(
      [...results.usual, ...results.tuned].map(({ name, losses }) => ({
        name,
        losses: new Map([[dataset, losses.get(dataset) ?? []]]),
      })),
    );
    const difference = comparison.differences.get(dataset);
    const losses = shown.map((learner) => loss(learner.losses, dataset));
    const told = difference ? signed(difference) : '';
    return [dataset].concat(losses, told, `${loss(alone.losses, dataset)} ${alone.name}`);
  });
  return {
    title: 'progressive validation: share of wrong actions ± standard error',
    columns: [
      left('data set'),
      right('RLaaS default'),
      ...results.usual.map(({ name }) => right(`VW ${name}`)),
      right('VW best fixed'),
      right('RLaaS − best'),
      left('VW best on this set'),
    ],
    rows: [...rows, ['mean', ...shown.map(meanLoss), signed(comparison.mean)]],
  };
}

/** Learners of RLaaS beside each other, a row for each data set. */
export function learnersSheet(title: string, learners: readonly Learner[]): FindingsSheet {
  const datasets = [...(learners[0]?.losses.keys() ?? [])];
  return {
    title,
    columns: [left('data set'), ...learners.map(({ name }) => right(name))],
    rows: [
      ...datasets.map((dataset) => [dataset].concat(learners.map(({ losses }) => loss(losses, dataset)))),
      ['mean', ...learners.map(meanLoss)],
    ],
  };
}

/** Every command that VW's best was looked for among, the best first. */
export function gridSheet({ usual, tuned }: VowpalWabbitResults): FindingsSheet {
  return {
    title: 'VW, mean share of wrong actions over all data sets',
    columns: [left('command'), right('mean')],
    rows: [...usual, ...tuned]
      .map((learner) => [learner.name, meanLoss(learner)])
      .toSorted(([, a = ''], [, b = '']) => (a < b ? -1 : 1)),
  };
}

export function driftSheet(rows: readonly DriftRow[]): FindingsSheet {
  return {
    title: 'drift: a mean reward falls from .8 to .2',
    columns: [
      right('rewards before'),
      right('until the prediction is within .15'),
      right('decisions until what is drawn is worth .9 of the best'),
    ],
    rows: rows.map(({ length, untilNear, untilRecovered }) => [
      String(length),
      String(untilNear),
      untilRecovered === undefined ? `more than ${MOST}` : String(untilRecovered),
    ]),
  };
}

function loss(losses: Losses, dataset: string): string {
  return written(estimateOf(losses.get(dataset) ?? []));
}

function meanLoss({ losses }: Learner): string {
  return written(overall([...losses.values()].map(estimateOf)));
}

function written({ mean, error }: Estimate): string {
  return `${mean.toFixed(4)} ± ${error.toFixed(4)}`;
}

function signed(estimate: Estimate): string {
  return `${estimate.mean < 0 ? '' : '+'}${written(estimate)}`;
}

function left(title: string): Column {
  return { title, align: 'left' };
}

function right(title: string): Column {
  return { title, align: 'right' };
}
