import {
  defaultCrypto,
  type Changes,
  type NewHtlc,
  type PeerChannel,
  type Refused,
  type ReturnedFailure,
  type SubjectContext,
} from 'boltgrid';

export const sha256 = (bytes: Uint8Array): Uint8Array => defaultCrypto.hashes.sha256(bytes);

/** A node may open, confirm, pay and forward in one case. */
export const HTLC_CASE_MS = 90_000;

/** An HTLC that nobody has asked for: the node is to commit to it, and then to fail it. */
export const unasked = (
  { secret }: Pick<SubjectContext, 'secret'>,
  amount_msat: bigint,
  label = 'unasked',
): NewHtlc => ({
  amount_msat,
  payment_hash: sha256(secret(label)),
  payment_secret: secret(`${label} secret`),
});

/** What we may still offer: our balance without the reserve and, if we pay it, the fee of a commitment with so many HTLCs that are not dust. */
export function spendableMsat(channel: PeerChannel, htlcs: number): bigint {
  const { terms, ledger, fundings } = channel.commitments;
  const balanceMsat = fundings[0].shares.local + ledger.gainedMsat.local;
  const reserveMsat = terms.remote.channel_reserve_satoshis * 1000n;
  return balanceMsat - reserveMsat - (terms.opener === 'local' ? commitmentCostMsat(channel, htlcs) : 0n);
}

/** BOLT 3, Fee Calculation, and both anchors. */
export function commitmentCostMsat({ commitments }: PeerChannel, htlcs: number): bigint {
  const { terms, ledger } = commitments;
  const [weight, anchorsSat] = terms.format === 'option_anchors' ? [1124, 660n] : [724, 0n];
  const feeSat = (BigInt(weight + 172 * htlcs) * BigInt(ledger.feerate_per_kw)) / 1000n;
  return (feeSat + anchorsSat) * 1000n;
}

/**
 * The node must refuse an update that it was sent, at once or when it is signed. The signature is right: it can be refused only for the
 * update.
 */
export async function expectRefusedOnceSigned(channel: PeerChannel, requirement: string): Promise<Refused> {
  await channel.do({ do: 'commitment_signed' });
  return channel.expectRefused({ requirement });
}

/** Sends an HTLC that BOLT 2 does not allow; the node must refuse it. */
export async function expectHtlcRefused(
  channel: PeerChannel,
  htlc: NewHtlc,
  requirement: string,
  changes?: Changes,
): Promise<Refused> {
  await channel.addHtlc({ ...htlc, anyway: true }, changes);
  return expectRefusedOnceSigned(channel, requirement);
}

/** The node must commit to an HTLC of ours and, since nobody has asked for it, fail it once it is committed. */
export async function expectHtlcTaken(
  channel: PeerChannel,
  htlc: NewHtlc,
  requirement: string,
): Promise<void> {
  const id = await channel.addHtlc(htlc);
  await channel.commit();
  await channel.expectRemoved(id, { requirement });
}

/** The node must fulfill each of these HTLCs of ours. */
export async function expectAllFulfilled(
  { check }: Pick<SubjectContext, 'check'>,
  channel: PeerChannel,
  ids: readonly bigint[],
  requirement: string,
): Promise<void> {
  for (const id of ids) {
    const { how } = await channel.expectRemoved(id, { requirement });
    check(requirement, how === 'fulfilled', { expected: 'fulfilled', got: how });
  }
}

/** The node must fail an HTLC of ours by a failure of this name, in an onion of its own. */
export async function expectFailure(
  { check }: Pick<SubjectContext, 'check'>,
  channel: PeerChannel,
  id: bigint,
  names: readonly string[],
  requirement: string,
): Promise<ReturnedFailure | undefined> {
  const removed = await channel.expectRemoved(id, { requirement });
  const failure = removed.how === 'failed' ? removed.failure : undefined;
  const got = removed.how === 'failed' ? (failure?.name ?? failure?.code ?? 'unreadable') : removed.how;
  check(requirement, failure?.hop === 0 && names.some((name) => name === failure.name), {
    expected: names,
    got,
  });
  return failure;
}
