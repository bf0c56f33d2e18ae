import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests run the source of their package, and of the packages below it.
  ssr: { resolve: { conditions: ['claimlog-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/postgres/cluster-templates.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many tests start processes, and machines have few cores.
    maxWorkers: 2,
  },
})
