/** Where the services behind the gateway are. */
export interface UpstreamUrls {
  collector: string;
  reward: string;
  trainer: string;
}

const MIB = 1_048_576;

/**
 * Which service answers what, and the largest body that it takes; every path below a prefix belongs to it. Each service checks the caller's credentials
 * itself. Health, metrics, documentation and internal routes are each service's own and not forwarded.
 */
export const UPSTREAMS = [
  {
    service: 'collector',
    prefixes: ['/v1/events', '/v1/dead-letters', '/v1/imports', '/v1/client-reports', '/v1/schemas'],
    bodyBytes: 8 * MIB,
  },
  { service: 'reward', prefixes: ['/v1/reward-specs', '/v1/rewards'], bodyBytes: MIB },
  {
    service: 'trainer',
    prefixes: [
      '/v1/tenants',
      '/v1/api-keys',
      '/v1/policies',
      '/v1/rollouts',
      '/v1/training-runs',
      '/v1/evaluations',
      '/v1/jobs',
    ],
    bodyBytes: MIB,
  },
] as const satisfies readonly {
  service: keyof UpstreamUrls;
  prefixes: readonly string[];
  bodyBytes: number;
}[];
