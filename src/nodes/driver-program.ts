import { join } from 'node:path';
import { BoltgridError } from '../core/error.ts';
import type { ProgramSpec } from '../runtime/program.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { bundleDriver } from './bundle.ts';
import { packageFolder } from './package.ts';
import type { NodePlan } from './resolve.ts';

export interface DriverProgram extends Pick<ProgramSpec, 'argv' | 'env'> {
  /** Where the driver finds the npm package of its version. */
  readonly packagePath: string | undefined;
}

/** How the driver of a node is started by this runtime. */
export async function driverProgram(plan: NodePlan, kind: Runtime['kind']): Promise<DriverProgram> {
  const { folder, data } = plan.manifest;
  const { run } = data;
  if (!('driver' in run)) throw new BoltgridError('manifest.invalid', 'user', `${plan.id} has no driver`);
  const env = { ...run.env, ...plan.env };
  if (kind === 'docker') {
    if (!run.container) {
      throw new BoltgridError(
        'manifest.invalid',
        'user',
        `${plan.id} has no "container" to run its driver in`,
      );
    }
    return { argv: run.container.argv, env, packagePath: run.container.package };
  }
  const inherited = { ...inheritedEnvironment(), ...env };
  const own = plan.package === undefined ? undefined : packageFolder(plan.package, folder);
  if (plan.substitute.program !== undefined) {
    return { argv: [plan.substitute.program], env: inherited, packagePath: own };
  }
  if ('argv' in run.driver) {
    const [file, ...rest] = run.driver.argv;
    const fill = (word: string): string =>
      word.replaceAll('{node}', process.execPath).replaceAll('{here}', folder);
    return { argv: [fill(file), ...rest.map(fill)], env: inherited, packagePath: own };
  }
  const bundle = await bundleDriver({
    entry: join(folder, run.driver.bundle),
    ...(run.driver.package !== undefined && {
      package: { name: run.driver.package, folder: own ?? folder },
    }),
  });
  return { argv: [process.execPath, bundle], env: inherited, packagePath: own };
}

/** Only what a program needs to find others: our environment may hold secrets. */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
