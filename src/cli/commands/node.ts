import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedNode } from '../../matrix/plan.ts';
import { BoltgridError } from '../../core/error.ts';
import { toHex } from '../../core/bytes.ts';
import type { World } from '../../runner/world.ts';
import type { Command, CommandGroup } from '../command.ts';
import { EXIT } from '../command.ts';
import { holdDocker, type DockerHold } from '../docker-run.ts';
import { printJson, printLines, type CliContext } from '../context.ts';
import { MATRIX_OPTION } from '../project.ts';
import { choosePlan, type SelectOptions } from '../select.ts';

interface StartOptions extends SelectOptions {
  readonly json?: true;
}

const start: Command<StartOptions> = {
  name: 'start',
  description: 'Start one node with its chain, say how to reach it, and stop it on Ctrl-C.',
  args: [{ name: '<node>', description: 'as --node names it: lnd@0.20.2, lnd=IMAGE, ldk@0.1.2+zeroconf' }],
  options: [
    { flags: '--docker', description: 'in a container also what could be embedded' },
    { flags: '--seed <text>', description: 'its key derives from it where the program can be given one' },
    MATRIX_OPTION,
    { flags: '--json', description: 'node and chain as JSON, once they are up' },
  ],
  examples: [['boltgrid node start lnd@0.20.2', 'an LND on a regtest chain of its own']],
  async run(context, [name = ''], options) {
    const { plan } = await choosePlan(context, { ...options, node: [name], pairs: ['none'] });
    const [cell, ...others] = plan.cells;
    const node = plan.nodes.find(({ id }) => id === cell?.nodes[0]);
    if (!cell || !node || others.length > 0) {
      throw new BoltgridError('cli.usage', 'user', `${name} stands for ${plan.cells.length} nodes`, {
        hint: `Name one: ${plan.nodes.map(({ id }) => id).join(', ')}.`,
      });
    }
    if (cell.cannotRun !== undefined) {
      throw new BoltgridError('node.not-here', 'user', `${node.id} cannot run here: ${cell.cannotRun}`, {
        hint: `boltgrid images list ${node.implementation} says how its image can be had.`,
      });
    }
    const folder = await mkdtemp(join(tmpdir(), 'boltgrid-node-'));
    const tell = (line: string): void => {
      printLines(context.stderr, [line]);
    };
    const docker = await holdDocker(plan, `node-${process.pid}`, tell);
    try {
      tell(`starting ${node.id} …`);
      const world = await startWorld(node, plan.seed, folder, context, docker.request);
      try {
        if (options.json) printJson(context.stdout, described(world));
        else printLines(context.stdout, [...lines(world), '', 'Ctrl-C stops it.']);
        await Promise.race([aborted(context.signal), world.died]);
      } finally {
        await world.stop();
      }
      if (world.death) throw world.death;
      return EXIT.ok;
    } finally {
      await docker.release();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const group: CommandGroup = {
  name: 'node',
  description: 'Start a single node, to look at it by hand.',
  commands: [start],
};

export default group;

async function startWorld(
  node: PlannedNode,
  seed: string,
  folder: string,
  { signal }: CliContext,
  { docker }: DockerHold['request'],
): Promise<World> {
  const ground = docker
    ? new (await import('../../runner/docker-ground.ts')).DockerGround(docker)
    : new (await import('../../runner/embedded-ground.ts')).EmbeddedGround();
  return ground.start({
    nodes: [node],
    seed,
    name: 'node',
    keys: 'node',
    folder,
    signal,
    onStarting: () => undefined,
    onStarted: () => undefined,
  });
}

function described({ nodes, chain }: World): object {
  const [node] = nodes;
  if (!node) return {};
  const { identity, host, port, publicKey } = node.running;
  return { node: { ...identity, host, port, uri: `${toHex(publicKey)}@${host}:${port}` }, chain: chain.rpc };
}

function lines({ nodes, chain }: World): string[] {
  const { url, user, password } = chain.rpc;
  return [
    ...nodes.flatMap(({ running }) => {
      const { identity, host, port, publicKey } = running;
      return [
        `${identity.id}  ${identity.reported}`,
        `peer       ${toHex(publicKey)}@${host}:${port}`,
        ...(identity.image ? [`image      ${identity.image.reference}`] : []),
      ];
    }),
    `bitcoind   ${url}  user ${user}, password ${password}`,
  ];
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
