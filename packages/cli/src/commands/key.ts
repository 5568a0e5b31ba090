import { randomBytes } from 'node:crypto';
import {
  type KeyManagement,
  createDatabase,
  createKeyManagement,
  findTenant,
  storeOperatorKey,
  withOwner,
} from '@rlaas/database';
import { type ApiKey, type CreatedApiKey, createApiKeySchema, parseDuration } from '@rlaas/schemas';
import { generateKey } from '@rlaas/service';
import type { CommandContext } from '../command-context.ts';
import { requireApp, requireOwner } from '../connection.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { table } from '../table.ts';

export interface CreateOptions {
  tenant?: string;
  operator?: boolean;
  name: string;
  kind?: string;
  scope?: string[];
  origin?: string[];
  expires?: string;
}

const actor = (context: CommandContext): string => `cli:${context.user}`;

/** `rlaas key create`: prints the key, which is shown this once. */
export async function createKeyCommand(context: CommandContext, options: CreateOptions): Promise<void> {
  const created = options.operator
    ? await createOperatorKey(context, options)
    : await createTenantKey(context, options);
  printCreated(context, created);
}

async function createOperatorKey(context: CommandContext, options: CreateOptions): Promise<CreatedApiKey> {
  const { ownerUrl } = await requireOwner(context);
  return withOwner(ownerUrl, async (client) => {
    await client.query('begin');
    await client.query('set local role rlaas_owner');
    const created = await storeOperatorKey(
      client,
      { name: options.name, actor: actor(context) },
      generateKey(randomBytes),
      context.now(),
    );
    await client.query('commit');
    return created;
  });
}

async function createTenantKey(context: CommandContext, options: CreateOptions): Promise<CreatedApiKey> {
  const wanted = createApiKeySchema.safeParse({
    name: options.name,
    kind: options.kind,
    scopes: options.scope ?? [],
    allowed_origins: options.origin ?? [],
    ...(options.expires === undefined ? {} : { expires_at: expiry(context, options.expires) }),
  });
  if (!wanted.success) {
    const mistakes = wanted.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new CommandError(EXIT.usage, `The key cannot be made:\n${mistakes.join('\n')}`);
  }
  return withKeys(context, options.tenant, (keys, tenantId) =>
    keys.create(tenantId, actor(context), wanted.data),
  );
}

/** `rlaas key list`. */
export async function listKeysCommand(context: CommandContext, options: { tenant?: string }): Promise<void> {
  await withKeys(context, options.tenant, async (keys, tenantId) => {
    const all: ApiKey[] = [];
    for (;;) {
      const page = await keys.list(tenantId, all.at(-1)?.id, 500);
      all.push(...page);
      if (page.length < 500) break;
    }
    context.print(
      table(
        ['id', 'prefix', 'name', 'kind', 'scopes', 'state'],
        all.map((key) => [
          key.id,
          key.prefix,
          key.name,
          key.kind,
          key.scopes.join(' '),
          stateOf(key, context.now()),
        ]),
      ),
    );
  });
}

/** `rlaas key rotate`: a successor with the same rights; the old key goes on for the grace. */
export async function rotateKeyCommand(
  context: CommandContext,
  id: string,
  options: { tenant?: string; grace: string },
): Promise<void> {
  const graceMs = parseDuration(options.grace);
  if (graceMs === undefined)
    throw new CommandError(EXIT.usage, `--grace ${options.grace}: say 1h, 30m or 0s.`);
  await withKeys(context, options.tenant, async (keys, tenantId) => {
    const created = await keys.rotate(tenantId, actor(context), id, graceMs);
    if (created === undefined) throw noSuchKey(id, options.tenant);
    if (created === 'gone')
      throw new CommandError(EXIT.failed, `Key ${id} is revoked or expired: make a new one.`);
    printCreated(context, created);
    context.print(`The old key works until ${new Date(context.now() + graceMs).toISOString()}.`);
  });
}

/** `rlaas key revoke`. */
export async function revokeKeyCommand(
  context: CommandContext,
  id: string,
  options: { tenant?: string },
): Promise<void> {
  await withKeys(context, options.tenant, async (keys, tenantId) => {
    const revoked = await keys.revoke(tenantId, actor(context), id);
    if (!revoked) throw noSuchKey(id, options.tenant);
    context.print(`Revoked ${revoked.prefix} (${revoked.name}); services refuse it within 5 s.`);
  });
}

async function withKeys<T>(
  context: CommandContext,
  slug: string | undefined,
  work: (keys: KeyManagement, tenantId: string) => Promise<T>,
): Promise<T> {
  if (slug === undefined) throw new CommandError(EXIT.usage, 'Say whose key it is: --tenant <slug>.');
  const database = createDatabase({
    url: await requireApp(context),
    poolMax: 1,
    applicationName: 'rlaas-cli',
    onIdleError: (error) => {
      throw error;
    },
  });
  try {
    const tenant = await database.transaction({ role: 'rlaas_worker', tenants: [], readOnly: true }, (tx) =>
      findTenant(tx, slug),
    );
    if (!tenant) throw new CommandError(EXIT.failed, `There is no tenant "${slug}".`);
    if (tenant.closed_at !== null)
      throw new CommandError(EXIT.failed, `Tenant "${slug}" was closed ${tenant.closed_at}.`);
    return await work(
      createKeyManagement({ database, freshKey: () => generateKey(randomBytes), now: context.now }),
      tenant.id,
    );
  } finally {
    await database.close();
  }
}

function printCreated(context: CommandContext, created: CreatedApiKey): void {
  context.print(created.key);
  context.print(
    `  id ${created.id}, ${created.kind}, scopes ${created.scopes.join(' ')}. The key is shown this once.`,
  );
}

function stateOf(key: ApiKey, now: number): string {
  if (key.revoked_at !== null) {
    return Date.parse(key.revoked_at) <= now ? `revoked ${key.revoked_at}` : `until ${key.revoked_at}`;
  }
  if (key.expires_at === null) return 'valid';
  return Date.parse(key.expires_at) <= now ? `expired ${key.expires_at}` : `until ${key.expires_at}`;
}

function noSuchKey(id: string, tenant: string | undefined): CommandError {
  return new CommandError(EXIT.failed, `Tenant "${tenant}" has no key ${id}; see "rlaas key list".`);
}

function expiry(context: CommandContext, text: string): string {
  const after = parseDuration(text);
  return after === undefined ? text : new Date(context.now() + after).toISOString();
}
