import { s3Servers } from '@rlaas/testkit/s3';
import { describe } from 'vitest';
import { contract } from './contract.ts';
import { testBucket } from './s3-subject.ts';

const { servers } = await s3Servers();

describe.skipIf(servers.length === 0).each(servers)('$name', (server) => {
  const { bucket, client, store } = testBucket(server);
  contract(
    async () => {
      const ready = await store.check();
      if (!ready.ok) throw new Error(ready.message);
      return {
        store,
        async damage(key, content) {
          const sha256 = (await store.head(key))?.sha256;
          await client.putObject(bucket, key, content, content.length, { sha256 });
        },
      };
    },
    { propertyRuns: 15 },
  );
});
