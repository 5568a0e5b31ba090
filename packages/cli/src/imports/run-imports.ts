import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '../apply/api-client.ts';
import type { CommandContext } from '../command-context.ts';
import type { Interruptions } from '../commands/dev.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { createHttpImportServer } from './http-import-server.ts';
import { type FileReport, importFile } from './import-file.ts';
import type { ImportServer } from './import-server.ts';
import { openRefusals } from './refusals.ts';
import { showRefusals, showReport } from './show-report.ts';
import { type SourceFile, type SourceFormat, findSource } from './source-file.ts';

export interface RunOptions {
  dryRun?: boolean;
  /** Where refused rows are written. */
  rejects?: string;
}

export interface ImportRun {
  context: CommandContext;
  api: ApiClient;
  tenant: string;
  paths: readonly string[];
  options: RunOptions;
  interruptions: Interruptions;
  /** Settles what the rows of the files mean, which may depend on all files. */
  formatOf: (
    files: readonly SourceFile[],
    server: ImportServer,
    signal: AbortSignal,
  ) => Promise<SourceFormat>;
}

/**
 * Brings files in, one after the other, and says at the end what became of them. Every step can be made again, so a run
 * that broke off is finished by the next one.
 * @throws CommandError when not all of it is there
 */
export async function runImports(run: ImportRun): Promise<void> {
  const { context, api, options } = run;
  const stop = new AbortController();
  void run.interruptions.first.then(() => stop.abort());
  const { signal } = stop;
  const server = createHttpImportServer({ api, now: context.now, sleep: (ms) => pause(ms, signal), signal });
  context.print(`tenant ${run.tenant} at ${api.origin}`);
  const files: SourceFile[] = [];
  for (const path of run.paths) files.push(await findSource(path));
  const format = await run.formatOf(files, server, signal);
  const refusals = await openRefusals(options.rejects);
  const reports: FileReport[] = [];
  try {
    for (const file of files) {
      if (signal.aborted) break;
      reports.push(
        await importFile(file, {
          format,
          server,
          refusals,
          signal,
          dryRun: options.dryRun === true,
          print: context.print,
          draw: context.draw,
          now: context.now,
        }),
      );
    }
  } finally {
    await refusals.close();
  }
  const refused = reports.reduce((sum, report) => sum + report.refused, 0);
  if (refused > 0) {
    context.print('refused:');
    for (const line of showRefusals(refusals.first, refused)) context.print(line);
  }
  context.print(showReport(reports));
  const stopped = reports.length < files.length || reports.some(({ state }) => state === 'stopped');
  end(reports, { refused, stopped, dryRun: options.dryRun === true });
}

function end(
  reports: readonly FileReport[],
  { refused, stopped, dryRun }: { refused: number; stopped: boolean; dryRun: boolean },
): void {
  const nothing = reports.find(({ state }) => state === 'nothing_stored');
  if (stopped) {
    throw new CommandError(
      EXIT.failed,
      'Stopped. What is stored stays; run the same command again, and it goes on from there.',
    );
  }
  if (nothing) {
    throw new CommandError(
      EXIT.failed,
      `No row of ${nothing.name} could be stored; its import is not completed, so the same file can be tried again.`,
    );
  }
  if (refused > 0 && dryRun) {
    throw new CommandError(EXIT.rowsRefused, 'Rows are refused, see above. Nothing was sent.');
  }
  if (refused > 0) {
    throw new CommandError(
      EXIT.rowsRefused,
      `${refused} ${refused === 1 ? 'row was' : 'rows were'} refused. Mend and import only those: the whole file, once it is mended, is another import, and would bring the good rows a second time.`,
    );
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Breaking off is what the caller looks at next.
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
