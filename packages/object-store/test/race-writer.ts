// A process that stores under the same keys as its siblings. Arguments: folder, number of keys. It begins when it is
// told to, and tells its parent which keys it won.
import { directoryStore } from '../src/index.ts';

const [root = '', rounds = '0'] = process.argv.slice(2);
const store = directoryStore({ root });
process.once('message', () => void race());
process.send?.('ready');

async function race(): Promise<void> {
  const won: string[] = [];
  for (let round = 0; round < Number(rounds); round += 1) {
    const key = `race/key-${round}`;
    const { status } = await store.put(key, Buffer.from(`process ${process.pid}`), { ifAbsent: true });
    if (status === 'stored') won.push(key);
  }
  process.send?.(won);
  process.disconnect();
}
