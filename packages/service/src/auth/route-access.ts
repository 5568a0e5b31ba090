import type { FastifyInstance, RouteOptions } from 'fastify';
import { type AccessRule, accessRule, type RouteAccess } from './access.ts';
import { answerPreflight } from './cors.ts';

/** Says for a while that routes without an access are those of a library's public pages. */
export interface RouteAccessGuard {
  /** Routes that `register` adds are public without saying so. */
  exempt(register: () => PromiseLike<unknown>): Promise<void>;
}

/**
 * Makes every route say who may call it: registering one without `config: { access }` throws, so none is open by
 * oversight. Publishable routes get their answer to a browser's preflight.
 */
export function guardRouteAccess(app: FastifyInstance): RouteAccessGuard {
  const publishable = new Map<string, Set<string>>();
  let exempting = false;

  app.addHook('onRoute', (route) => {
    const access = route.config?.access ?? (exempting ? 'public' : undefined);
    if (access === undefined) {
      throw new Error(
        `route ${String(route.method)} ${route.url} does not say who may call it: config: { access }`,
      );
    }
    const rule = accessRule(access);
    route.config = { ...route.config, access, accessRule: rule };
    if (rule.publishable) addPreflight(route);
  });

  return {
    async exempt(register) {
      exempting = true;
      await register();
      exempting = false;
    },
  };

  function addPreflight({ url, method }: RouteOptions): void {
    const methods = publishable.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    if (publishable.has(url)) return;
    publishable.set(url, methods);
    app.route({
      method: 'OPTIONS',
      url,
      schema: { hide: true },
      config: { access: 'public' },
      handler: (request, reply) => answerPreflight(methods, request, reply),
    });
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. Required on every route. */
    access?: RouteAccess;
    /** Made of `access` when the route is registered. */
    accessRule?: AccessRule;
  }
}
