import { defineConfig } from 'vitest/config';

/** Tests of the report's page in a real browser: the distribution's Chromium, or the one that `CHROMIUM` names. */
export default defineConfig({
  resolve: { conditions: ['boltgrid:source'] },
  ssr: { resolve: { conditions: ['boltgrid:source'] } },
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
