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
}

/** Asks the public origin of an installation with one key. */
export interface ApiClient {
  readonly origin: string;
  /** @throws CommandError when it does not answer, or refuses with anything but 404 */
  ask: (path: string, request?: ApiRequest) => Promise<ApiAnswer>;
}

const TIMEOUT_MS = 30_000;

export function createApiClient({ origin, key }: { origin: string; key: string }): ApiClient {
  return {
    origin,
    async ask(path, { method = 'GET', body, headers = {} } = {}) {
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
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw new CommandError(
          EXIT.apiUnreachable,
          `${origin} does not answer (${reasonOf(cause)}). Is it running ("rlaas dev")? Is RLAAS_BASE_URL right?`,
          { cause },
        );
      });
      const answered = await response.text();
      const parsed = parse(answered);
      if (response.ok || (response.status === 404 && isNotFound(parsed))) {
        if (parsed === undefined) throw noApi(origin, method, path, response.status);
        return { status: response.status, etag: response.headers.get('etag') ?? undefined, body: parsed };
      }
      const problem = problemSchema.safeParse(parsed);
      if (!problem.success) throw noApi(origin, method, path, response.status);
      const { status, code, title, detail, errors = [], request_id: id } = problem.data;
      const all =
        errors.length > 1 ? errors.map((error) => `\n  ${error.path}: ${error.message}`).join('') : '';
      throw new CommandError(
        status === 401 || status === 403 ? EXIT.configuration : EXIT.failed,
        `${method} ${path}: ${status} ${code}: ${detail ?? title}${all} (request ${id})`,
      );
    },
  };
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
