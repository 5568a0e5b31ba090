/** Where the services behind the gateway are. */
export interface UpstreamUrls {
  collector: string;
  reward: string;
  trainer: string;
}

/**
 * Which service answers what; every path below a prefix belongs to it. Each service checks the caller's credentials
 * itself. Health, metrics, documentation and internal routes are each service's own and not forwarded.
 */
export const UPSTREAMS = [
  { service: 'collector', prefixes: ['/v1/events'] },
  { service: 'trainer', prefixes: ['/v1/tenants', '/v1/api-keys', '/v1/policies'] },
] as const satisfies readonly { service: keyof UpstreamUrls; prefixes: readonly string[] }[];
