import type { JobProgress } from '@rlaas/schemas';

const WIDTH = 30;
const number = new Intl.NumberFormat('en');

/** How far a job is, on one line: `[######............]  33 %  1,000 of 3,000 decisions`. */
export function progressBar({ done, total, unit }: JobProgress): string {
  const share = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 0;
  const full = Math.floor(share * WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const bar = '#'.repeat(full).padEnd(WIDTH, '.');
  return `[${bar}] ${percent} %  ${number.format(done)} of ${number.format(total)} ${unit}`;
}
