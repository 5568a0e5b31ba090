import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { Place } from '../demo/installation.ts';

export { type DevStack, type Place, interrupt, makePlace, startDev } from '../demo/installation.ts';

/** Processes on this machine that belong to an installation: its folder stands in their command or environment. */
export function processesOf(place: Place): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const command = read(`/proc/${name}/cmdline`);
    if (
      command !== '' &&
      (command.includes(place.state) || read(`/proc/${name}/environ`).includes(place.state))
    ) {
      found.push({ pid: Number(name), command: command.replaceAll('\0', ' ') });
    }
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended between the two looks.
    return '';
  }
}

/** The process of one service. */
export function serviceProcess(place: Place, service: string): number {
  const found = processesOf(place).find(
    ({ pid }) =>
      read(`/proc/${pid}/cmdline`).includes('src/main.ts') && cwdOf(pid).endsWith(`/apps/${service}`),
  );
  if (!found) throw new Error(`the ${service} does not run`);
  return found.pid;
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Asks the installation; the body is parsed. */
export async function ask(
  url: string,
  options: { key?: string; method?: string; body?: unknown } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: options.method ?? 'GET',
    headers: {
      ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
