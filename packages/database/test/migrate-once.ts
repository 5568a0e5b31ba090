// A process of its own for the test of racing migrations: migrates the database of its argument and prints what it ran.
import { migrate } from '../src/migrate.ts';

const [, , ownerUrl = ''] = process.argv;
process.stdout.write(JSON.stringify(await migrate({ ownerUrl, log: () => undefined })));
