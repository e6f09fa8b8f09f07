import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Every mutant against every case: some minutes. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/mutants/full/**/*.test.ts'], exclude: [] },
});
