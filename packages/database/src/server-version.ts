/** Oldest Postgres that RLaaS is written for. */
const OLDEST_MAJOR = 15;
/** Newest Postgres that RLaaS was tried with; a newer one is used, and said so. */
const NEWEST_MAJOR = 18;

/**
 * What to say about a server version number as `server_version_num` gives it (150004 for 15.4).
 * @returns `refused` with a reason below the oldest, `untried` above the newest
 */
export function judgeServerVersion(
  number: number,
): { verdict: 'fine' } | { verdict: 'refused' | 'untried'; message: string } {
  const major = Math.floor(number / 10_000);
  if (major < OLDEST_MAJOR) {
    return {
      verdict: 'refused',
      message: `This is Postgres ${major}; RLaaS needs ${OLDEST_MAJOR} or newer. Upgrade the server, or use another one.`,
    };
  }
  if (major > NEWEST_MAJOR) {
    return {
      verdict: 'untried',
      message: `This is Postgres ${major}; RLaaS was tried with ${OLDEST_MAJOR} to ${NEWEST_MAJOR}.`,
    };
  }
  return { verdict: 'fine' };
}
