import { cellId } from '../core/ids.ts';
import type { CaseChain, CaseLinks, OpenLink, Remote } from '../peer/shared.ts';
import { connectPeer } from '../peer/connect.ts';
import { Transcript } from '../peer/transcript.ts';
import { caseChain } from './case-chain.ts';
import type { Patient } from './diagnose.ts';
import type { CaseEvidence } from './evidence.ts';
import type { Seat } from './miner.ts';
import type { CaseRun } from './run-case.ts';
import { derive } from './secrets.ts';

/** The connections of one case: shares their transcript, closes them all, and examines the node when a step failed. */
export class Links implements CaseLinks {
  readonly transcript: Transcript;
  readonly answerMs: number;
  readonly held: CaseLinks['held'];
  readonly signal: AbortSignal;
  readonly nodeSpeaks?: () => Promise<unknown>;
  readonly chain?: CaseChain;
  readonly #run: CaseRun;
  readonly #open: OpenLink[] = [];

  constructor(run: CaseRun, seat: Seat, transcript: Transcript, evidence: CaseEvidence, signal: AbortSignal) {
    this.#run = run;
    this.transcript = transcript;
    this.signal = signal;
    this.answerMs = Math.max(...run.world.nodes.map((node) => node.answerMs));
    this.held = (requirement, step) => {
      evidence.held(requirement, step);
    };
    const [node] = run.world.nodes;
    if (node?.running.operations.has('info'))
      this.nodeSpeaks = () => node.running.call('info', {}, { signal });
    if (run.test.chain !== 'none') this.chain = caseChain(run.world, seat, signal);
  }

  opened(link: OpenLink): void {
    this.#open.push(link);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#open.map((link) => link.close()));
  }

  patient(): Patient {
    const { world } = this.#run;
    return {
      running: () => world.death === undefined,
      greetFreshPeer: async (signal) => {
        await Promise.all(world.nodesUp.map(({ running }) => this.#greet(running, signal)));
      },
      ping: (link, signal) => this.#open.find((open) => open.link === link)?.ping(signal),
      answerMs: this.answerMs,
    };
  }

  async #greet(remote: Remote & { readonly id: string }, signal: AbortSignal): Promise<void> {
    const { cell, test, attempt, seed } = this.#run;
    const key = derive(seed, cellId(cell), test.id, attempt, 'fresh peer', remote.id);
    // A transcript of its own: the examination is not part of the case.
    const transcript = new Transcript();
    const open: OpenLink[] = [];
    const shared: CaseLinks = {
      transcript,
      answerMs: this.answerMs,
      held: () => undefined,
      signal,
      opened: (link) => open.push(link),
    };
    try {
      await connectPeer(remote, key, {}, shared);
    } finally {
      await Promise.allSettled(open.map((link) => link.close()));
    }
  }
}
