import { p2wpkh, p2wsh } from '../../../../src/bitcoin/output.ts';
import type { Transaction } from '../../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../../src/bitcoin/verify.ts';
import { basepointsOf, channelSecrets } from '../../../../src/channel/keys/channel-secrets.ts';
import type { ClosingTerms } from '../../../../src/channel/state/close/terms.ts';
import type { Message, Performed } from '../../../../src/channel/state/step.ts';
import type { SideTerms } from '../../../../src/channel/state/terms.ts';
import { otherSide, type Side } from '../../../../src/channel/state/update.ts';
import { fundingScript } from '../../../../src/channel/transactions/scripts.ts';
import { concat, fromHex } from '../../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../../src/crypto/crypto.ts';
import { ORDER, toBigInt } from '../../../../src/crypto/scalar.ts';

const CAPACITY_SAT = 1_000_000n;
const seed = new Uint8Array(32).fill(5);
const secrets = { a: channelSecrets(seed, 'a'), b: channelSecrets(seed, 'b') };
const pubkeyOf = (who: 'a' | 'b'): Uint8Array => defaultCrypto.curve.publicKey(secrets[who].funding);

export const SCRIPT_A = p2wpkh(pubkeyOf('a'));
export const SCRIPT_B = p2wsh(fromHex('51'));
export const SCRIPT_C = p2wsh(fromHex('52'));
export const OP_RETURN = concat(fromHex('6a06'), new Uint8Array(6));

export interface Setting {
  /** Who opened, as the first engine says it. */
  readonly opener?: Side;
  /** Of the first engine; the second has the rest of the capacity. */
  readonly localMsat?: bigint;
  readonly features?: Partial<ClosingTerms['features']>;
  readonly dust?: Readonly<Record<Side, bigint>>;
  readonly upfront?: Readonly<Partial<Record<Side, Uint8Array>>>;
}

const sideTerms = (who: 'a' | 'b', dust_limit_satoshis: bigint, upfront?: Uint8Array): SideTerms => ({
  ...basepointsOf(secrets[who]),
  funding_pubkey: pubkeyOf(who),
  dust_limit_satoshis,
  max_htlc_value_in_flight_msat: 1_000_000_000n,
  channel_reserve_satoshis: 10_000n,
  htlc_minimum_msat: 1n,
  to_self_delay: 144,
  max_accepted_htlcs: 30,
  ...(upfront && { upfront_shutdown_script: upfront }),
});

/** What both engines know of one channel, each as `local`. */
export function pairOfTerms(setting: Setting = {}): readonly [ClosingTerms, ClosingTerms] {
  const { opener = 'local', localMsat = 600_000_000n, dust = { local: 354n, remote: 354n } } = setting;
  const a = sideTerms('a', dust.local, setting.upfront?.local);
  const b = sideTerms('b', dust.remote, setting.upfront?.remote);
  const remoteMsat = CAPACITY_SAT * 1000n - localMsat;
  const common = {
    features: { option_shutdown_anysegwit: false, option_simple_close: false, ...setting.features },
    funding: {
      txid: 'cd'.repeat(32),
      output_index: 0,
      funding_satoshis: CAPACITY_SAT,
      funding_pubkeys: [pubkeyOf('a'), pubkeyOf('b')] as const,
    },
  };
  const channel = {
    channel_id: new Uint8Array(32).fill(1),
    format: 'option_anchors',
    channel_type: new Set<number>(),
    announce: false,
  } as const;
  return [
    {
      ...common,
      terms: { ...channel, opener, local: a, remote: b, secrets: secrets.a },
      local_funding_privkey: secrets.a.funding,
      balanceMsat: { local: localMsat, remote: remoteMsat },
    },
    {
      ...common,
      terms: { ...channel, opener: otherSide(opener), local: b, remote: a, secrets: secrets.b },
      local_funding_privkey: secrets.b.funding,
      balanceMsat: { local: remoteMsat, remote: localMsat },
    },
  ];
}

/** What bitcoind would say of a closing transaction; `undefined` where it is good. */
export const spendFailure = (tx: Transaction, { funding }: ClosingTerms) =>
  verifySpends(tx, [{ amountSat: CAPACITY_SAT, script: fundingScript(funding.funding_pubkeys) }]);

/** The fields of the only message that was sent. */
export function sent<N extends Message['name']>({ send }: Performed<unknown>, name: N): Message<N>['fields'] {
  const [message, ...more] = send;
  if (message?.name !== name || more.length > 0) throw new Error(`not one ${name}`);
  return (message as unknown as Message<N>).fields;
}

export const withHighS = (signature: Uint8Array): Uint8Array =>
  concat(
    signature.subarray(0, 32),
    fromHex((ORDER - toBigInt(signature.subarray(32))).toString(16).padStart(64, '0')),
  );

export const requirements = ({ faults }: { readonly faults: readonly { readonly requirement: string }[] }) =>
  faults.map(({ requirement }) => requirement);
