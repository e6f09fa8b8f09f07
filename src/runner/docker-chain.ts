import { join } from 'node:path';
import { attachBitcoind } from '../chain/bitcoind.ts';
import type { Chain } from '../chain/chain.ts';
import type { ElectrumServer } from '../chain/electrum/server.ts';
import type { PlannedChain } from '../matrix/plan.ts';
import { BoltgridError } from '../core/error.ts';
import { loadChainManifest } from '../nodes/chain-manifest.ts';
import type { NodePlan } from '../nodes/resolve.ts';
import { startBitcoind, type RunningBitcoind } from '../nodes/start-bitcoind.ts';
import { processRuntime } from '../runtime/process.ts';
import { howItEnded } from '../runtime/program.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { placeName, type Surroundings } from './start-planned.ts';

export interface DockerChainOptions {
  readonly runtime: Runtime;
  readonly chain: PlannedChain;
  /** Unique within the run. */
  readonly name: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const LOG_LINES = 20;

/** A bitcoind in Docker, our hold on it, and an Electrum server where a node wants one. */
export class DockerChain {
  readonly chain: Chain;
  /** Resolves when bitcoind ends that nobody told to: `chain.died` (set-up), with the end of its log. */
  readonly lost: Promise<BoltgridError>;
  readonly #runtime: Runtime;
  /** Nodes that are processes listen where containers find them. */
  readonly #processes: Runtime;
  readonly #bitcoind: RunningBitcoind;
  #electrum: Promise<ElectrumServer> | undefined;
  #ending = false;

  private constructor(runtime: Runtime, bitcoind: RunningBitcoind, chain: Chain) {
    this.#runtime = runtime;
    this.#processes = processRuntime({ host: runtime.back.listen });
    this.#bitcoind = bitcoind;
    this.chain = chain;
    this.lost = new Promise((resolve) => {
      void bitcoind.exited.then((exit) => {
        if (this.#ending) return;
        const details = { logTail: bitcoind.logTail(LOG_LINES) };
        resolve(new BoltgridError('chain.died', 'setup', `bitcoind ended, ${howItEnded(exit)}`, { details }));
      });
    });
  }

  /** Rejects with `chain.did-not-start` (set-up). */
  static async start({ runtime, chain, name, folder, signal }: DockerChainOptions): Promise<DockerChain> {
    const bitcoind = await startBitcoind({
      manifest: loadChainManifest(chain.manifest),
      version: chain.version,
      image: chain.image,
      runtime,
      name: placeName('bitcoind', name),
      folder: join(folder, placeName('bitcoind', name)),
      signal,
    });
    try {
      return new DockerChain(runtime, bitcoind, await attachBitcoind({ rpc: bitcoind.fromHost }));
    } catch (error) {
      await bitcoind.stop();
      throw error;
    }
  }

  /** What a node is started with. */
  async surroundings(plan: NodePlan, inContainer: boolean, name: string): Promise<Surroundings> {
    const { chain, wallet } = plan.manifest.data.needs;
    const runtime = inContainer ? this.#runtime : this.#processes;
    if (chain === 'none') return { runtime };
    if (wallet) await this.#bitcoind.addWallet(name);
    const { fromContainers, fromHost } = this.#bitcoind;
    const access = { ...(inContainer ? fromContainers : fromHost), ...(wallet && { wallet: name }) };
    if (chain !== 'electrum') return { runtime, chain: access };
    this.#electrum ??= this.#serveElectrum();
    const { port } = (await this.#electrum).endpoint;
    return { runtime, chain: access, electrum: { host: this.#runtime.back.dial, port } };
  }

  async #serveElectrum(): Promise<ElectrumServer> {
    const { startElectrumServer } = await import('../chain/electrum/server.ts');
    return startElectrumServer({ rpc: this.#bitcoind.fromHost, host: this.#runtime.back.listen });
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#electrum?.then((server) => server.close()).catch(() => undefined);
    await this.chain.close();
    await this.#processes.close();
    await this.#bitcoind.stop();
  }
}
