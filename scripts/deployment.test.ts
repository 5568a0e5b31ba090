// What is written in several places and must not drift apart: workspaces, Dockerfile, compose file, .env.example.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { commonEnvironment, readEnvironment } from '@rlaas/service';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const example = read('config/.env.example');
const compose = read('docker-compose.yml');

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
}

const workspaces = new Map(
  globSync('{apps,packages}/*/package.json', { cwd: root }).map((path) => {
    const { name, dependencies = {} } = JSON.parse(read(path)) as Manifest;
    return [name, { folder: dirname(path), needs: Object.keys(dependencies) }];
  }),
);

/** Names of all that `name` needs to run, itself among them. */
function withNeeds(name: string, found = new Set<string>()): Set<string> {
  const workspace = workspaces.get(name);
  if (!workspace || found.has(name)) return found;
  found.add(name);
  for (const need of workspace.needs) withNeeds(need, found);
  return found;
}

test('the image installs every service and the command, with all they need and without what tests need', () => {
  const dockerfile = read('Dockerfile');
  const started = [...workspaces].filter(
    ([name, { folder }]) => folder.startsWith('apps/') || name === '@rlaas/cli',
  );
  const needed = new Set(started.flatMap(([name]) => [...withNeeds(name)]));
  expect(needed.size).toBeGreaterThan(started.length);
  const installed = new Set([...dockerfile.matchAll(/--workspace=(\S+)/g)].map(([, folder]) => folder));
  expect(installed).toEqual(new Set(started.map(([, { folder }]) => folder)));
  const copied = new Set(
    [...dockerfile.matchAll(/^COPY (\S+)\/package\.json /gm)].map(([, folder]) => folder),
  );
  expect([...needed].filter((name) => !copied.has(workspaces.get(name)?.folder))).toEqual([]);
  expect([...copied]).not.toContain('packages/testkit');
});

/** Every name in the example, set or commented out. */
const documented = new Map(
  [...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
);

/** The variables that services add to the common ones, with the defaults that stand beside them. */
const added = globSync('apps/*/src/env.ts', { cwd: root }).flatMap((path) =>
  [...read(path).matchAll(/^ {2}([A-Z][A-Z0-9_]*):(?: \w+\((?:'(\w+)'|([\d_]+))[,)])?/gm)].map(
    ([, name = '', text, number]) => ({ path, name, default: text ?? number?.replaceAll('_', '') }),
  ),
);

test('the example documents every variable that a service or the compose file reads', () => {
  const inCompose = [...compose.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => name);
  const services = added.map(({ name }) => name);
  const wanted = new Set([...Object.keys(commonEnvironment.shape), ...services, ...inCompose]);
  expect(wanted.size).toBeGreaterThan(30);
  expect([...wanted].filter((name) => !documented.has(name))).toEqual([]);
});

test('the defaults in the example are those of the services', () => {
  const known = added.filter((variable) => variable.default !== undefined);
  expect(known.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['INGEST_WRITERS', 'INGEST_LINGER', 'INGEST_EVENTS_PER_KEY', 'GATEWAY_PORT']),
  );
  expect(known.filter((variable) => documented.get(variable.name) !== variable.default)).toEqual([]);
});

test('the defaults in the example are those that hold', () => {
  const required = { INTERNAL_TOKEN: 'x'.repeat(32), DATABASE_URL: 'postgres://host/database' };
  const uncommented = parseEnv(example.replaceAll(/^#(?=[A-Z][A-Z0-9_]*=)/gm, ''));
  const { DATABASE_URL: _, ...given } = uncommented;
  expect(readEnvironment(commonEnvironment, { source: { ...given, ...required } })).toEqual(
    readEnvironment(commonEnvironment, { source: required }),
  );
});

test('containers are given every variable of a service that a person may set', () => {
  // The image and the compose file decide about these: there is one network, one database and no pooler.
  const decided = new Set(['HOST', 'METRICS_HOST', 'DATABASE_URL', 'DATABASE_DIRECT_URL']);
  // And about addresses, folders and the store.
  const alsoDecided = /_(PORT|URL|DIR)$/;
  const names = [
    ...Object.keys(commonEnvironment.shape).filter((name) => !decided.has(name)),
    ...added.map(({ name }) => name).filter((name) => !alsoDecided.test(name)),
  ];
  expect(names).toContain('INGEST_WRITERS');
  const missing = names.filter((name) => !compose.includes(` ${name}: \${${name}:`));
  expect(missing).toEqual([]);
});

test('the master key is given to the collector alone', () => {
  const sections = compose.split(/^ {2}(?=[a-z]+:$)/m).filter((part) => part.includes('RLAAS_MASTER_KEY'));
  expect(sections.map((part) => part.split(':')[0])).toEqual(['collector']);
});

test('ports are open on this machine only', () => {
  const published = [...compose.matchAll(/'([^']*:\d+)'/g)]
    .map(([, port = '']) => port)
    .filter((port) => port.includes('_PORT:-'));
  expect(published.length).toBeGreaterThan(8);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/);
});
