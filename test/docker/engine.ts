import { describe } from 'vitest';
import { isBoltgridError } from '../../src/core/error.ts';
import { connectEngine, type Engine } from '../../src/runtime/docker/engine.ts';

/** Where there is no Docker these tests are skipped, and say why; with BOLTGRID_REQUIRE_DOCKER=1 that is a failure. */
export const engine = await connectOrSkip();

/** A group of tests that is given the engine. */
export function describeWithDocker(title: string, tests: (engine: Engine) => void): void {
  if (engine) {
    describe(title, () => {
      tests(engine);
    });
  } else {
    describe.skip(title, () => undefined);
  }
}

async function connectOrSkip(): Promise<Engine | undefined> {
  try {
    return await connectEngine();
  } catch (error) {
    if (process.env.BOLTGRID_REQUIRE_DOCKER === '1' || !isBoltgridError(error)) throw error;
    console.warn(`skipped: ${error.message}. ${error.hint ?? ''}`);
    return undefined;
  }
}
