import { problemSchema } from '@rlaas/schemas';
import { CommandError, EXIT } from '../exit-codes.ts';

/** An answer below 400, or a 404. */
interface ApiAnswer {
  status: number;
  etag: string | undefined;
  body: unknown;
}

export interface ApiRequest {
  method?: 'GET' | 'PUT' | 'POST';
  body?: unknown;
  headers?: Record<string, string>;
  /** Breaks it off. */
  signal?: AbortSignal;
}

/** What came back, whatever it says; `body` is undefined where it is no JSON. */
export interface ApiExchange {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Asks the public origin of an installation with one key. */
export interface ApiClient {
  readonly origin: string;
  /** @throws CommandError when it does not answer, or refuses with anything but 404 */
  ask: (path: string, request?: ApiRequest) => Promise<ApiAnswer>;
  /** For those who know what to do about a refusal. @throws CommandError with `apiUnreachable` without an answer */
  exchange: (path: string, request?: ApiRequest) => Promise<ApiExchange>;
}

const TIMEOUT_MS = 30_000;

export function createApiClient({ origin, key }: { origin: string; key: string }): ApiClient {
  async function exchange(
    path: string,
    { method = 'GET', body, headers = {}, signal }: ApiRequest = {},
  ): Promise<ApiExchange> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await fetch(`${origin}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A key must not be sent on to where somebody else says.
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { status: response.status, headers: response.headers, body: parse(await response.text()) };
    } catch (cause) {
      throw new CommandError(
        EXIT.apiUnreachable,
        `${origin} does not answer (${reasonOf(cause)}). Is it running ("rlaas dev")? Is RLAAS_BASE_URL right?`,
        { cause, passes: true },
      );
    }
  }

  return {
    origin,
    exchange,
    async ask(path, request = {}) {
      const answer = await exchange(path, request);
      const { status, headers, body } = answer;
      const found = status >= 200 && status < 300;
      if ((!found && !(status === 404 && isNotFound(body))) || body === undefined) {
        throw refusalOf(origin, request.method ?? 'GET', path, answer);
      }
      return { status, etag: headers.get('etag') ?? undefined, body };
    },
  };
}

/** A 404 of RLaaS as the end of a command: its words say what there is none of. */
export function notFoundOf(body: unknown): CommandError {
  const { detail, title } = problemSchema.parse(body);
  return new CommandError(EXIT.failed, detail ?? title);
}

/** An answer that is none of those that were expected, as the end of a command. */
export function refusalOf(
  origin: string,
  method: string,
  path: string,
  { status, body }: Pick<ApiExchange, 'status' | 'body'>,
): CommandError {
  const problem = problemSchema.safeParse(body);
  if (!problem.success) return noApi(origin, method, path, status);
  const { status: said, code, title, detail, errors = [], request_id: id, retryable } = problem.data;
  const all = errors.length > 1 ? errors.map((error) => `\n  ${error.path}: ${error.message}`).join('') : '';
  return new CommandError(
    said === 401 || said === 403 ? EXIT.configuration : EXIT.failed,
    `${method} ${path}: ${said} ${code}: ${detail ?? title}${all} (request ${id})`,
    { passes: said >= 500 && retryable },
  );
}

function isNotFound(body: unknown): boolean {
  // Anything else at this address may answer 404 as well.
  return problemSchema.safeParse(body).data?.code === 'not_found';
}

function noApi(origin: string, method: string, path: string, status: number): CommandError {
  return new CommandError(
    EXIT.apiUnreachable,
    `${method} ${path}: ${origin} answers ${status}, and not as RLaaS does. Is RLAAS_BASE_URL right?`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Whoever asked says that this is no answer of RLaaS.
    return undefined;
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  return inner instanceof Error && inner.message !== '' ? inner.message : cause.message;
}
