import { defineConfig } from 'vitest/config';

/** Tests run the sources: the `source` export condition resolves workspace packages to `src/`, so no build is needed first. */
const conditions = ['source', 'node'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: ['node'] } } };
const everywhere = [...['packages', 'services', 'apps'].map((folder) => `${folder}/*/src/**`), 'bench/src/**', 'drills/src/**'];
const never = ['**/node_modules/**', '**/dist/**'];

/** `groupOrder` makes the projects take turns, the quick ones first: what starts servers does not share two cores with everything else. */
export default defineConfig({
  test: {
    globalSetup: ['e2e/setup/nats-server.ts'],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // They hold nothing that outlives a file, and loading every module anew for each of 283 files took longer than the tests: 149 s, and 63 s without (2 cores).
          isolate: false,
          include: [...everywhere.map((root) => `${root}/*.spec.ts`), 'gates/**/*.spec.ts'],
          exclude: [...never, '**/*.int.spec.ts', '**/*.gate.spec.ts'],
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'gates',
          include: ['gates/**/*.gate.spec.ts'],
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'int',
          include: everywhere.map((root) => `${root}/*.int.spec.ts`),
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // They mostly wait: for leases to run out, elections, retries.
          maxWorkers: 3,
          // Of tests that say that they may run beside each other; each of them starts servers.
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.spec.ts'],
          exclude: never,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Half of their time they wait for processes to start, leases to run out and retries: 375 s with two where one took 620 s (2 cores).
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
