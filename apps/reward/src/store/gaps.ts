import type { Transaction } from '@rlaas/database';
import { type Gap, mergeGaps } from '../rewards/deadline.ts';

/** Times in which no replica of the collector took events, that touch a period. */
export async function findGaps(tx: Transaction, from: number): Promise<Gap[]> {
  const { rows } = await tx.query<{ began: number; ended: number }>(
    `select date_part('epoch', began_at) * 1000 as began, date_part('epoch', ended_at) * 1000 as ended
     from rlaas.ingest_gaps where ended_at > $1 order by began_at`,
    [new Date(from)],
  );
  return mergeGaps(rows.map(({ began, ended }) => ({ from: began, to: ended })));
}
