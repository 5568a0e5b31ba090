// A process between the run of the tests and a server. Its only reason: when the run dies, even by kill -9, its IPC
// channel closes, and the keeper ends the server. Arguments: the server's command and its arguments.
import { spawn } from 'node:child_process';

const [command, ...rest] = process.argv.slice(2);
if (!command || !process.connected)
  throw new Error('the keeper needs a command, and a channel to its parent');

const server = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
const end = (): void => void server.kill('SIGTERM');
process.once('disconnect', end);
process.once('SIGTERM', end);
// Ctrl-C reaches the whole group; the run decides when its servers end.
process.on('SIGINT', () => undefined);
server.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.once('exit', (code) => process.exit(code ?? 0));
