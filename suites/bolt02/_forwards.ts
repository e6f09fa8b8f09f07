import {
  type Bolts,
  type Forward,
  type MessageFields,
  type OpenOptions,
  type Peer,
  type PeerChannel,
  type SubjectContext,
} from 'boltgrid';
import { sha256 } from './_htlcs.ts';
import { usable } from './_payments.ts';

/** What a case needs that has the node forward: it must say when it can. A node that has no policy for forwards makes none. */
export const FORWARD_OPS = ['channels', 'setPolicy'] as const;
/** Two channels, and two commitments of each. */
export const FORWARD_CASE_MS = 120_000;
export const FORWARDED_MSAT = 20_000_000n;

/** Two peers of ours with the node between them: HTLCs go from `payer` to `payee`. */
export interface Line {
  readonly payer: Peer;
  /** Of the payer and the node. */
  readonly incoming: PeerChannel;
  readonly payee: Peer;
  /** Of the node and the payee. */
  readonly outgoing: PeerChannel;
}

type LineContext = Pick<SubjectContext, 'connect' | 'node' | 'eventually'>;

/** `terms` are those of the payee's channel. It is to be announced: some nodes forward to no others. */
export async function line(context: LineContext, terms: OpenOptions = {}): Promise<Line> {
  const payer = await context.connect();
  const payee = await context.connect();
  const [incoming, outgoing] = await Promise.all([
    payer.openChannel({ push_msat: 400_000_000n }),
    payee.openChannel({ announce: true, push_msat: 600_000_000n, ...terms }),
  ]);
  await usable(context, incoming);
  await usable(context, outgoing);
  return { payer, incoming, payee, outgoing };
}

/** A payment from the payer to the payee, as `addForward` takes it. */
export function payment(
  { secret }: Pick<SubjectContext, 'secret'>,
  label = 'payment',
): Forward & { readonly preimage: Uint8Array } {
  const preimage = secret(`${label} preimage`);
  return {
    preimage,
    amount_msat: FORWARDED_MSAT,
    payment_hash: sha256(preimage),
    payment_secret: secret(`${label} secret`),
  };
}

/** Sends it on its way, until the payee has it, committed on both sides. Returns its id with the payer, and what the payee was offered. */
export async function arrive(
  { incoming, outgoing }: Line,
  forward: Forward,
): Promise<{ readonly id: bigint; readonly htlc: MessageFields<Bolts, 'update_add_htlc'> }> {
  const id = await incoming.addForward(outgoing, forward);
  await incoming.commit();
  const htlc = await outgoing.expectHtlc();
  return { id, htlc };
}

/** The payee is offered nothing. */
export async function expectNothingOffered(
  { check }: Pick<SubjectContext, 'check'>,
  { payee }: Line,
  requirement: string,
): Promise<void> {
  const offered = (await payee.barrier()).map(({ name }) => name);
  check(requirement, offered.length === 0, { expected: 'nothing for the payee', got: offered });
}
