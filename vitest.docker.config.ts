import { defineConfig } from 'vitest/config';

/** Tests on a real Docker engine. Without one they are skipped, unless BOLTGRID_REQUIRE_DOCKER=1. */
export default defineConfig({
  resolve: { conditions: ['boltgrid:source'] },
  ssr: { resolve: { conditions: ['boltgrid:source'] } },
  test: {
    include: ['test/docker/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
