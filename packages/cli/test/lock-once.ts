// A process of its own for the test of racing starts: takes the lock of a folder, says so, and keeps it until told to end.
import { lockState } from '../src/dev/lock.ts';

const folder = process.argv.at(-1) ?? '';
try {
  const giveFree = await lockState(folder);
  process.stdout.write('got\n');
  process.stdin.once('data', () => void giveFree().then(() => process.exit(0)));
} catch {
  process.stdout.write('refused\n');
}
