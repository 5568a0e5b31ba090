import { type S3Server, s3Servers } from '@rlaas/testkit/s3';
import { describe, expect, it } from 'vitest';

/** Describes a suite for each S3 server of the run. Where there is none, a skipped test carries the reason. */
export async function describeOnS3(suite: (server: S3Server) => void): Promise<void> {
  const { servers, skipped } = await s3Servers();
  describe.each(servers)('$name', (server) => {
    suite(server);
  });
  const reasons = servers.length === 0 ? [skipped.join('; ')] : [];
  it.for(reasons)('needs an S3 server: %s', (reason, { skip }) => {
    expect(servers).toEqual([]);
    skip(reason);
  });
}
