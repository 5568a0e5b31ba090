// `make up`: the whole installation in containers. Waits until every one of them is healthy, then says where it is.
import { spawnSync } from 'node:child_process';
import { SEED_API_KEY } from '@rlaas/schemas';
import { commonEnvironment, EnvironmentError, readEnvironment } from '@rlaas/service';
import { checkDocker } from '../packages/cli/src/doctor/docker.ts';
import { table } from '../packages/cli/src/table.ts';
import { ensureEnvironmentFile } from './environment-file.ts';

const FILE = 'config/.env';
const docker = checkDocker(process.env, true);
if (docker.verdict === 'wrong') {
  console.error(`\nDocker: ${docker.message}\n"make dev" starts the same services without Docker.`);
  process.exit(docker.exitCode ?? 1);
}
if (ensureEnvironmentFile(FILE, `${FILE}.example`)) console.log(`made ${FILE} with new secrets`);
process.loadEnvFile(FILE);
const production = isProduction();
const hashesSubjects = Boolean(process.env['RLAAS_MASTER_KEY']);

const compose = ['compose', '--env-file', FILE];
const up = spawnSync('docker', [...compose, 'up', '--detach', '--build', '--wait', '--wait-timeout', '180'], {
  stdio: 'inherit',
});
if (up.status !== 0) {
  console.error('\nNot everything came up. What is not healthy, and its last lines:\n');
  const listed = spawnSync(
    'docker',
    [...compose, 'ps', '--all', '--format', '{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}'],
    { encoding: 'utf8' },
  );
  for (const line of listed.stdout.trim().split('\n')) {
    const [service = '', state, health, exitCode] = line.split(' ');
    if (health === 'healthy' || (service === 'migrate' && state === 'exited' && exitCode === '0')) continue;
    console.error(`--- ${line}`);
    spawnSync('docker', [...compose, 'logs', '--no-log-prefix', '--tail=15', service], { stdio: 'inherit' });
  }
  console.error('\nMend that and run "make up" again, or "make down" to remove everything.');
  process.exit(1);
}

const gatewayKey = production ? 'make one, see below' : `key ${SEED_API_KEY}`;
const port = (variable: string, usual: number): string => process.env[variable] || String(usual);
const at = (variable: string, usual: number): string => `http://127.0.0.1:${port(variable, usual)}`;
console.log(
  `\n${table(
    ['what', 'where', 'who'],
    [
      ['gateway (public origin)', at('GATEWAY_PORT', 8080), gatewayKey],
      [
        'collector, reward, trainer',
        `${at('COLLECTOR_PORT', 8081)}  ${port('REWARD_PORT', 8082)}  ${port('TRAINER_PORT', 8083)}`,
        'each has /docs',
      ],
      ['Grafana', at('GRAFANA_PORT', 3000), `admin, GRAFANA_ADMIN_PASSWORD in ${FILE}`],
      ['Prometheus', at('PROMETHEUS_PORT', 9090), ''],
      ['MinIO console', at('MINIO_CONSOLE_PORT', 9001), `MINIO_ROOT_USER and MINIO_ROOT_PASSWORD in ${FILE}`],
      ['Postgres', `127.0.0.1:${port('POSTGRES_PORT', 5432)}`, `postgres, POSTGRES_PASSWORD in ${FILE}`],
    ],
  )}\n`,
);
if (production) {
  console.log('First an operator key, with which tenants are made:');
  console.log(
    `  docker ${compose.join(' ')} run --rm migrate node packages/cli/src/main.ts key create --operator --name first`,
  );
} else {
  console.log(`Try:  curl -H 'authorization: Bearer ${SEED_API_KEY}' ${at('GATEWAY_PORT', 8080)}/v1/whoami`);
}
if (!hashesSubjects) {
  console.log(
    `Note:  ${FILE} has no RLAAS_MASTER_KEY, so events with a subject are refused. Add what "openssl rand -hex 24" prints, and keep a copy.`,
  );
}
console.log('Stop: make down (removes the data as well; make down KEEP=1 keeps them)');

/** Containers are given the variables they know and no others, so a misspelt RLAAS_* would go unnoticed there. */
function isProduction(): boolean {
  try {
    const environment = readEnvironment(commonEnvironment.pick({ RLAAS_ENV: true }), { source: process.env });
    return environment.RLAAS_ENV === 'production';
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    console.error(error.message);
    return process.exit(78);
  }
}
