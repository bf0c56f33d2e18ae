import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests of a package run its source, and that of the packages below it.
  ssr: { resolve: { conditions: ['claimlog-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many of them start processes of their own, and machines have few cores.
    maxWorkers: 2,
  },
})
