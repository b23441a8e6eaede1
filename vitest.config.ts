import { defineConfig } from 'vitest/config'

/** One private PostgreSQL for the whole run. */
const globalSetup = ['packages/postgres/src/testing/globalSetup.ts']
const sources = '{packages/*,services/*,suites,bench,tooling}/src/**'

/** One group after the other, cheapest first; sized for 2 cores, where the tests share one PostgreSQL. */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${sources}/*.unit.spec.ts`],
          testTimeout: 20_000,
          maxWorkers: 2,
          // They keep nothing outside of themselves: a fresh module graph for each file took half of their time.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: [`${sources}/*.int.spec.ts`],
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [`${sources}/*.e2e.spec.ts`],
          globalSetup: [...globalSetup, 'packages/runtime/src/testing/globalSetup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
