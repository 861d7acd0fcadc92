import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'dispatch-*/src/**/*.test.ts',
      'dispatch-web/build/*.test.ts',
      'e2e/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    pool: 'forks',
    // Many tests wait for servers, leases and retries: one more than there are cores keeps them busy.
    maxWorkers: availableParallelism() + 1,
    globalSetup: ['dispatch-backend/src/testing/global-setup.ts'],
    // Worker threads started by a test load the same TypeScript sources that the test does.
    execArgv: ['--import', 'tsx'],
    // These only end what hangs: a busy machine may be ten times slower than an idle one, or pause for seconds.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    restoreMocks: true,
  },
})
