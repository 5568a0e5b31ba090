import { contract } from './contract.ts';
import { describeOnS3 } from './describe-on-s3.ts';
import { testBucket } from './s3-subject.ts';

await describeOnS3((server) => {
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
