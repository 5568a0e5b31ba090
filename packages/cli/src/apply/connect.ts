import { whoamiSchema } from '@rlaas/schemas';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { type ApiClient, createApiClient } from './api-client.ts';

export interface ConnectOptions {
  baseUrl?: string;
  key?: string;
  /** The tenant that the key is believed to be of. */
  tenant?: string;
}

const DEFAULT_ORIGIN = 'http://127.0.0.1:8080';

/**
 * An installation by flag, `RLAAS_BASE_URL` and `RLAAS_API_KEY`, once it has said whose the key is.
 * @throws CommandError when there is no key, it is refused, or it is another tenant's than it is believed to be
 */
export async function connect(
  context: CommandContext,
  options: ConnectOptions,
): Promise<{ api: ApiClient; tenant: string }> {
  const origin = originOf(options.baseUrl ?? (context.environment['RLAAS_BASE_URL'] || DEFAULT_ORIGIN));
  const key = options.key ?? context.environment['RLAAS_API_KEY'] ?? '';
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new CommandError(
      EXIT.configuration,
      'RLAAS_API_KEY is not set: make a key with "rlaas key create" (the example tenant has acme-support-key).',
    );
  }
  const api = createApiClient({ origin, key });
  const told = whoamiSchema.safeParse((await api.ask('/v1/whoami')).body);
  if (!told.success) {
    throw new CommandError(
      EXIT.apiUnreachable,
      `${origin} answers, and not as RLaaS does. Is RLAAS_BASE_URL right?`,
    );
  }
  const { tenant } = told.data;
  if (tenant === null) {
    throw new CommandError(EXIT.configuration, 'This is an operator key; policies want the key of a tenant.');
  }
  if (options.tenant !== undefined && options.tenant !== tenant.slug) {
    throw new CommandError(
      EXIT.configuration,
      `The key is of tenant "${tenant.slug}", not of "${options.tenant}". Nothing was sent.`,
    );
  }
  return { api, tenant: tenant.slug };
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.search !== '') {
    throw new CommandError(EXIT.configuration, `Not an address of RLaaS: ${text}. Write http://host:port.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
