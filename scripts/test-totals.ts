/** What is needed of the report that vitest's json reporter writes. */
interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

export interface TestTotals {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * The totals of a run. A file that could not even be loaded has no tests to count, so it counts as one that failed; and
 * a run that ended badly never has a total of no failures, whatever else was wrong with it.
 * @param runEndedWell whether the test runner itself said so
 */
export function testTotals(report: TestReport, runEndedWell: boolean): TestTotals {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: runEndedWell ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
