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
  /** Bundled driver that a container finds in its volume under the name `DRIVER_FILE`. */
  readonly bundle?: string;
}

export const DRIVER_FILE = 'driver.mjs';

/** How the driver of a node is started by this runtime, in a volume of that path. */
export async function driverProgram(
  plan: NodePlan,
  kind: Runtime['kind'],
  volume: string,
): Promise<DriverProgram> {
  const { folder, data } = plan.manifest;
  const { run } = data;
  if (!('driver' in run)) throw new BoltgridError('manifest.invalid', 'user', `${plan.id} has no driver`);
  const env = { ...run.env, ...plan.env };
  if (kind === 'docker') {
    const argv = run.container?.argv ?? ('argv' in run.driver ? run.driver.argv : undefined);
    if (!argv) throw new BoltgridError('manifest.invalid', 'user', `${plan.id} has no argv for a container`);
    const [file, ...rest] = argv;
    const fill = (word: string): string => word.replaceAll('{volume}', volume);
    return {
      argv: [fill(file), ...rest.map(fill)],
      env,
      packagePath: run.container?.package,
      ...('bundle' in run.driver && { bundle: await bundleOf(plan, run.driver) }),
    };
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
  const bundle = await bundleOf(plan, run.driver);
  return { argv: [process.execPath, bundle], env: inherited, packagePath: own };
}

function bundleOf(
  { manifest, package: own }: NodePlan,
  driver: { readonly bundle: string; readonly package?: string | undefined },
): Promise<string> {
  return bundleDriver({
    entry: join(manifest.folder, driver.bundle),
    ...(driver.package !== undefined && {
      package: {
        name: driver.package,
        folder: own === undefined ? manifest.folder : packageFolder(own, manifest.folder),
      },
    }),
  });
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
