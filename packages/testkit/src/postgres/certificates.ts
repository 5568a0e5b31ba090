import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { accountForPostgres } from '@rlaas/database/embedded';

/** A certificate authority of a test, and a server certificate for the name `localhost` signed by it. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
  folder: string;
  remove(): void;
}

/** @param openssl path of the program */
export function makeCertificates(openssl: string): Certificates {
  const folder = join(tmpdir(), `rlaas-tls-${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { mode: 0o755 });
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]): void => void execFileSync(openssl, args, { cwd: folder, stdio: 'pipe' });
  writeFileSync(at('names.cnf'), 'subjectAltName=DNS:localhost\n');
  run(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=RLaaS test authority',
  );
  run(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  );
  run(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.pem',
    '-days',
    '2',
    '-extfile',
    'names.cnf',
  );
  // Postgres insists that nobody but itself can read its key.
  const account = accountForPostgres();
  if (account) for (const name of ['server.key', 'server.pem']) chownSync(at(name), account.uid, account.gid);
  return {
    authority: at('ca.pem'),
    certificate: at('server.pem'),
    key: at('server.key'),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
