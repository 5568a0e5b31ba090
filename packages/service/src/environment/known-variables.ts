/**
 * Every variable of RLaaS that begins with `RLAAS_`, whichever part reads it. Any other one is a spelling mistake
 * and stops the start, so that a setting nobody reads is never believed to hold.
 */
export const knownRlaasVariables: readonly string[] = [
  'RLAAS_ENV',
  'RLAAS_MASTER_KEY',
  'RLAAS_API_KEY',
  'RLAAS_BASE_URL',
];
