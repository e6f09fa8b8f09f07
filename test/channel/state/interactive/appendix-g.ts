import { fromHex } from '../../../../src/core/bytes.ts';
import type { Agreement } from '../../../../src/channel/state/interactive/states.ts';
import { fundingScript } from '../../../../src/channel/transactions/scripts.ts';
import type { Side } from '../../../../src/channel/state/update.ts';
import { readAppendix } from '../../bolt03.ts';

/** BOLT 3, Appendix G, and what its prose has beside the transactions. */

export const vector = readAppendix('g') as {
  readonly pubkeys: readonly [string, string];
  readonly unsigned: string;
  readonly signed: string;
  readonly txid: string;
};

/** Its outputs: a hash lock at 0, and P2WPKH at 2; 250,000,000 satoshis each. */
export const PREVTX = fromHex(
  '02000000000101f86fd1d0db3ac5a72df968622f31e6b5e6566a09e29206d7c7a55df90e181de800000000171600141fb9623ffd0d422eacc450fd1e967efc477b83ccffffffff0580b2e60e00000000220020fd89acf65485df89797d9ba7ba7a33624ac4452f00db08107f34257d33e5b94680b2e60e0000000017a9146a235d064786b49e7043e4a042d4cc429f7eb6948780b2e60e00000000160014fbb4db9d85fba5e301f4399e3038928e44e37d3280b2e60e0000000017a9147ecd1b519326bc13b0ec716e469b58ed02b112a087f0006bee0000000017a914f856a70093da3a5b5c4302ade033d4c2171705d387024730440220696f6cee2929f1feb3fd6adf024ca0f9aa2f4920ed6d35fb9ec5b78c8408475302201641afae11242160101c6f9932aeb4fcd1f13a9c6df5d1386def000ea259a35001210381d7d5b1bc0d7600565d827242576d9cb793bfe0754334af82289ee8b65d137600000000',
);

export const OPENER = {
  input: { serial_id: 20n, prevtx: PREVTX, prevtx_vout: 0, sequence: 0xffff_fffd },
  change: {
    serial_id: 30n,
    sats: 49_999_845n,
    script: fromHex('00141ca1cca8855bad6bc1ea5436edd8cff10b7e448b'),
  },
  funding_serial_id: 44n,
  witness_data: fromHex(
    '022068656c6c6f2074686572652c2074686973206973206120626974636f6e2121212782012088a820add57dfe5277079d069ca4ad4893c96de91f88ffb981fdc6a2a34d5336c66aff87',
  ),
};

export const ACCEPTER = {
  input: { serial_id: 11n, prevtx: PREVTX, prevtx_vout: 2, sequence: 0xffff_fffd },
  change: {
    serial_id: 33n,
    sats: 49_999_900n,
    script: fromHex('001444cb0c39f93ecc372b5851725bd29d865d333b10'),
  },
  witness_data: fromHex(
    '0247304402207de9ba56bb9f641372e805782575ee840a899e61021c8b1572b3ec1d5b5950e9022069e9ba998915dae193d3c25cb89b5e64370e6a3a7755e7f31cf6d7cbc2a49f6d0121034695f5b7864c580bf11f9f8cb1a94eb336f2ce9ef872d2ae1a90ee276c772484',
  ),
};

const FUNDING_PUBKEYS = [fromHex(vector.pubkeys[0]), fromHex(vector.pubkeys[1])] as const;
export const CHANNEL_ID = new Uint8Array(32).fill(9);

/** As the side sees it that has opened, or that has not. The opener's node is the lesser one. */
export function agreementOf(initiator: Side): Agreement {
  const [lesser, greater] = [Uint8Array.of(2, 1), Uint8Array.of(2, 2)];
  const sides = <V>(opener: V, accepter: V) =>
    initiator === 'local' ? { local: opener, remote: accepter } : { local: accepter, remote: opener };
  return {
    channel_id: CHANNEL_ID,
    initiator,
    feerate_per_kw: 253,
    locktime: 120,
    dust_limit_satoshis: 354n,
    node_ids: sides(lesser, greater),
    contributions: sides(200_000_000n, 200_000_000n),
    sharedOutput: { amountSat: 400_000_000n, script: fundingScript(FUNDING_PUBKEYS) },
    previous: [],
  };
}
