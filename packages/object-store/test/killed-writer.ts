// A process that stores one large object and is killed while it does. Arguments: folder, key, bytes.
import { directoryStore } from '../src/index.ts';

const [root = '', key = '', bytes = '0'] = process.argv.slice(2);
await directoryStore({ root }).put(key, Buffer.alloc(Number(bytes), 'x'));
