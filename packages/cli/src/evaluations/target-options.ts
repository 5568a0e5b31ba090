import { readFile } from 'node:fs/promises';
import { type DeclaredPolicy, type EvaluationTarget, declaredPolicySchema, nameSchema } from '@rlaas/schemas';
import { parse } from 'yaml';
import { CommandError, EXIT } from '../exit-codes.ts';

/** The flags that say whose value is asked for. */
export interface TargetOptions {
  version?: string;
  checkpoint?: string;
  declared?: string;
  baseline?: boolean;
  exploration?: string;
  logged?: string;
  logging?: boolean;
}

const WAYS = ['version', 'declared', 'baseline', 'logged', 'logging'] as const;

/**
 * The target that flags name.
 * @throws CommandError when it is not exactly one, or a file or number cannot be read
 */
export async function targetOf(options: TargetOptions): Promise<EvaluationTarget> {
  const said = WAYS.filter((way) => options[way] !== undefined);
  if (said.length !== 1) {
    throw usage(
      `Say one of ${WAYS.map((way) => `--${way}`).join(', ')}${said.length > 1 ? ', not several' : ''}.`,
    );
  }
  if (options.checkpoint !== undefined && options.version === undefined) {
    throw usage('--checkpoint is one of a --version.');
  }
  if (options.exploration !== undefined && !options.baseline) {
    throw usage('--exploration is that of the --baseline.');
  }
  const { version, declared, logged } = options;
  if (version !== undefined) {
    const name = nameOf('--version', version);
    return options.checkpoint === undefined
      ? { version: name }
      : {
          version: name,
          checkpoint: numberOf('--checkpoint', options.checkpoint, /^[1-9]\d{0,8}$/, 'a number from 1'),
        };
  }
  if (declared !== undefined) return { declared: await readDeclared(declared) };
  if (logged !== undefined) return { logged: nameOf('--logged', logged) };
  if (options.logging) return { logging: true };
  const { exploration } = options;
  return exploration === undefined
    ? { baseline: {} }
    : {
        baseline: {
          exploration: numberOf(
            '--exploration',
            exploration,
            /^(0|0?\.\d+|1(\.0+)?)$/,
            'a share from 0 to 1',
          ),
        },
      };
}

async function readDeclared(path: string): Promise<DeclaredPolicy> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(EXIT.configuration, `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    // JSON is YAML, too.
    value = parse(text);
  } catch (error) {
    throw new CommandError(EXIT.configuration, `${path}: ${messageOf(error)}`, { cause: error });
  }
  const parsed = declaredPolicySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CommandError(
    EXIT.configuration,
    `${path} declares no policy: write "probabilities", one for each action, which sum to 1; or "by", a feature of the context, and "tables", such probabilities for each of its values.`,
  );
}

function nameOf(flag: string, text: string): string {
  if (!nameSchema.safeParse(text).success) throw usage(`${flag} ${text} is no name of a version.`);
  return text;
}

function numberOf(flag: string, text: string, form: RegExp, what: string): number {
  if (!form.test(text)) throw usage(`${flag} ${text}: must be ${what}.`);
  return Number(text);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
