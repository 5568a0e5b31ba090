// Sends load, in a process of its own so that its work is not counted as the bench's or the server's.
import { readBodies } from './bodies-file.ts';
import type { LoadJob } from './load-job.ts';
import { sendLoad } from './send-load.ts';

process.on('message', (job: LoadJob) => {
  void (async () => {
    const outcome = await sendLoad(job, await readBodies(job.bodiesFile));
    // The bench may have been interrupted meanwhile; then there is nobody to tell.
    if (process.connected) process.send?.(outcome);
  })();
});
process.once('disconnect', () => process.exit());
