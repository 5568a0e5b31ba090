/** The part of a test or a suite of tests that tells how it ended. */
interface Ended {
  result?: { state: string } | undefined;
  tasks?: readonly Ended[];
}

/** Whether any test in a suite failed. */
export function failed(suite: Ended): boolean {
  return suite.result?.state === 'fail' || (suite.tasks ?? []).some(failed);
}
