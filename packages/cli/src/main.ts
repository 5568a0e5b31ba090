#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { explain } from './explain.ts';
import { buildProgram } from './program.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const file = join(root, 'config', '.env');
const program = buildProgram({
  environment: { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...process.env },
  root,
  print: (line) => void process.stdout.write(`${line}\n`),
  ...(process.stderr.isTTY ? { draw: (text) => void process.stderr.write(text) } : {}),
  // Beside the result, which may go elsewhere.
  ...(process.stderr.isTTY && {
    progress: (line: string) => void process.stderr.write(`\r\u001B[2K${line}`),
  }),
  now: Date.now,
  ...(process.stdin.isTTY && process.stdout.isTTY ? { confirm } : {}),
  user: userInfo().username,
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    const known = explain(error);
    process.stderr.write(
      known ? `\nrlaas: ${known.message}\n` : `\nrlaas: unexpected failure\n${stackOf(error)}\n`,
    );
    process.exitCode = known?.exitCode ?? EXIT.failed;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
