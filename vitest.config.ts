import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['boltgrid:source'] },
  ssr: { resolve: { conditions: ['boltgrid:source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/docker/**', 'test/mutants/full/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
