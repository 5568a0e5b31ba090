import { defineConfig } from 'vitest/config';

// Three rings, told apart by place: unit tests beside the file, integration tests in `test/` on a real Postgres and
// a real object store, end-to-end tests in `packages/cli/e2e` through the started services.
export default defineConfig({
  test: {
    // One for each core: most tests wait for a database or a clock most of the time.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,apps}/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{packages,apps}/*/test/**/*.test.ts'],
          globalSetup: [
            'packages/testkit/src/postgres/global-setup.ts',
            'packages/testkit/src/s3/global-setup.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['packages/cli/e2e/**/*.test.ts'],
          globalSetup: ['packages/testkit/src/postgres/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
