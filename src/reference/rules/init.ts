import { equalBytes } from '../../core/bytes.ts';
import type { Bolts } from '../../wire/bolts.ts';
import {
  combineFeatures,
  encodeFeatures,
  featureOfBit,
  FEATURES,
  missingDependencies,
} from '../../wire/features.ts';
import type { DecodedMessage, MessageFields } from '../../wire/types.ts';
import { publicAddressDescriptor } from '../address.ts';
import type { Action, PeerFacts, Situation } from '../situation.ts';
import { closeSilently, IGNORE } from '../situation.ts';

export type InitFields = MessageFields<Bolts, 'init'>;
type Judgement = 'accept' | 'refuse';

/** BOLT 1, "The `init` Message", and BOLT 9, "Requirements". */
export interface InitRules {
  /**
   * Our init. Feature bits as BOLT 9 defines them, none undefined, none unsupported, with their dependencies (bolt01-init-01,
   * -03 to -10; bolt09-features-01 to -07).
   */
  own(situation: Situation, remoteAddress: Uint8Array | undefined): InitFields;
  /** `remote_addr` for an incoming connection over IP, never a private address (bolt01-init-08 to -10). */
  remoteAddress(peer: PeerFacts): Uint8Array | undefined;
  /** What is sent as soon as the handshake is over, before anything was received: init, and nothing else (bolt01-init-02, -11). */
  greeting(init: Uint8Array, situation: Situation): readonly Uint8Array[];
  /** A message that comes before the peer's init. Nothing may be sent about it (bolt01-init-11). */
  beforeInit(message: DecodedMessage, situation: Situation): readonly Action[];
  /** Bitwise OR of the two bitmaps (bolt01-init-12). */
  combine(init: InitFields): ReadonlySet<number>;
  /** Whether we understand the feature that a bit belongs to: it is ASSUMED, or we offer it (bolt01-init-13). */
  knows(bit: number, situation: Situation): boolean;
  /** Whether a set bit makes its feature compulsory; with both bits of a pair set it is (bolt09-features-08). */
  isCompulsory(bit: number, features: ReadonlySet<number>): boolean;
  /** Unknown odd bits are ignored (bolt01-init-14). */
  unknownOptional(bit: number): Judgement;
  /** Unknown even bits close the connection (bolt01-init-15). */
  unknownCompulsory(bit: number): Judgement;
  /** A vector that lacks known, transitive dependencies closes the connection (bolt01-init-17). */
  dependencies(features: ReadonlySet<number>): Judgement;
  /** `networks` without a common chain may close the connection (bolt01-init-16): we have nothing to say on other chains. */
  networks(chains: readonly Uint8Array[] | undefined, situation: Situation): Judgement;
  /** An init after the first. No sentence forbids it; the features of a connection are those of the first. */
  again(init: InitFields, situation: Situation): readonly Action[];
}

export const INIT_RULES: InitRules = {
  own: ({ node }, remoteAddress) => ({
    globalfeatures: encodeFeatures([]),
    features: encodeFeatures(node.features),
    tlvs: {
      networks: { chains: [node.chainHash] },
      ...(remoteAddress && { remote_addr: { data: remoteAddress } }),
    },
  }),
  remoteAddress: ({ inbound, address }) =>
    inbound && address ? publicAddressDescriptor(address) : undefined,
  greeting: (init) => [init],
  beforeInit: ({ type }) => closeSilently(`a message of type ${type} came before init`),
  combine: ({ globalfeatures, features }) => combineFeatures(globalfeatures, features),
  knows: (bit, { node }) => {
    const even = bit - (bit % 2);
    const name = featureOfBit(bit);
    return (
      (name !== undefined && FEATURES[name].assumed) || node.features.has(even) || node.features.has(even + 1)
    );
  },
  isCompulsory: (bit) => bit % 2 === 0,
  unknownOptional: () => 'accept',
  unknownCompulsory: () => 'refuse',
  dependencies: (features) => (missingDependencies(features).length === 0 ? 'accept' : 'refuse'),
  networks: (chains, { node }) =>
    chains === undefined || chains.some((chain) => equalBytes(chain, node.chainHash)) ? 'accept' : 'refuse',
  again: () => IGNORE,
};
