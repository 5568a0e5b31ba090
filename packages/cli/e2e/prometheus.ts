import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rlaas/database/embedded';
import type { Place } from './dev-stack.ts';

const CONFIG = fileURLToPath(new URL('../../../config/prometheus/', import.meta.url));

/** A sample of an answer; its value is NaN where there is nothing to compute it from. */
interface Sample {
  metric: Record<string, string>;
  value: number;
}

/** A Prometheus that scrapes an installation every second, with the committed configuration otherwise. */
export interface Prometheus {
  query(expression: string): Promise<Sample[]>;
  stop(): Promise<void>;
}

export async function startPrometheus(program: string, { environment }: Place): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'rlaas-prometheus-'));
  const port = await freePort();
  const configuration = readFileSync(join(CONFIG, 'prometheus.yml'), 'utf8')
    .replace(/scrape_interval: \w+/, 'scrape_interval: 1s')
    .replaceAll(/'(\w+):\d+'/g, (_, name: string) => {
      return `'127.0.0.1:${environment[`${name.toUpperCase()}_METRICS_PORT`]}'`;
    });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, configuration);
  writeFileSync(join(folder, 'alerts.yml'), readFileSync(join(CONFIG, 'alerts.yml')));
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async query(expression) {
      if (child.exitCode !== null) throw new Error(`Prometheus ended:\n${log}`);
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expression }),
      });
      const body = (await response.json()) as {
        error?: string;
        data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (!body.data) throw new Error(`${expression}: ${body.error}`);
      return body.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs promtool. @returns all that it printed; its exit code */
export function runPromtool(program: string, args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

export const ALERTS_FILE = join(CONFIG, 'alerts.yml');
