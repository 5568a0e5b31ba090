/**
 * Whether tests run that take longer than CI has time for: `make check-long` runs them, and CI says that it does not.
 */
export function runsLong(what: string): boolean {
  const wanted = process.env['RLAAS_CHECK_LONG'] === '1';
  if (!wanted) process.stdout.write(`skipped: ${what} (make check-long runs it)\n`);
  return wanted;
}
