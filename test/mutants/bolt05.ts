import type { OnchainRules } from '../../src/reference/rules/onchain.ts';
import { followed } from '../../src/channel/onchain/follow.ts';
import type { Rules } from '../../src/reference/rules.ts';
import type { RequirementId } from '../../src/spec/requirement.ts';
import { changed, type Mutant } from './mutant.ts';

/** Leaves out what this sentence calls for. */
const never = (requirement: RequirementId, name: string, ...kills: readonly string[]): Mutant => ({
  name,
  breaks: requirement,
  kills,
  change: changed('onchain', {
    penalties: () => 'separate',
    owed: ({ transactions }) =>
      transactions.filter(({ requirements }) => !requirements.includes(requirement)),
  }),
});

const outcome = (
  left: 'fulfilled' | 'failed',
  becomes: ReturnType<OnchainRules['outcome']>,
): Mutant['change'] =>
  changed('onchain', {
    outcome: (each) => (each.outcome.name === left ? becomes : each.outcome),
  });

/** Knows the first commitment that it saw, and nothing that comes in its place. */
function onlyTheFirst(rules: Rules): Rules {
  let first: string | undefined;
  return changed('onchain', {
    owed: ({ transactions }, onchain) => {
      const txid = followed(onchain)?.closedBy.tx.txid;
      first ??= txid;
      return txid === first ? transactions : [];
    },
  })(rules);
}

export const mutants: readonly Mutant[] = [
  never('bolt05-failing-a-channel-06', 'close-without-a-broadcast', 'bolt05/unilateral#own'),
  never('bolt05-local-commitment-01', 'own-output-left', 'bolt05/unilateral#own'),
  never(
    'bolt05-local-commitment-remote-offers-01',
    'own-commitment-preimage-not-used',
    'bolt05/unilateral#own-received',
  ),
  never(
    'bolt05-local-commitment-local-offers-02',
    'own-commitment-timeout-not-used',
    'bolt05/unilateral#own-offered',
  ),
  never(
    'bolt05-remote-commitment-remote-offers-01',
    'peer-commitment-preimage-not-used',
    'bolt05/unilateral#ours-received',
  ),
  never(
    'bolt05-remote-commitment-local-offers-02',
    'peer-commitment-timeout-not-used',
    'bolt05/unilateral#ours-offered',
  ),
  never(
    'bolt05-revoked-03',
    'penalty-without-the-main-output',
    'bolt05/revoked#to-local',
    'bolt05/revoked#while-stopped',
  ),
  never('bolt05-revoked-04', 'penalty-without-the-htlcs-of-the-cheat', 'bolt05/revoked#our-htlc'),
  never('bolt05-revoked-05', 'penalty-without-our-htlcs', 'bolt05/revoked#its-htlc'),
  never('bolt05-revoked-07', 'penalty-without-the-htlc-success', 'bolt05/revoked#its-htlc'),
  {
    name: 'penalty-once',
    breaks: 'bolt05-nomenclature-03',
    kills: ['bolt05/revoked#reorg'],
    change: onlyTheFirst,
  },
  {
    name: 'preimage-on-chain-not-read',
    breaks: 'bolt05-remote-commitment-local-offers-01',
    kills: ['bolt05/upstream#preimage'],
    change: outcome('fulfilled', { name: 'pending' }),
  },
  {
    name: 'preimage-on-chain-fails-upstream',
    breaks: 'bolt05-remote-commitment-local-offers-01',
    kills: ['bolt05/upstream#preimage'],
    change: outcome('fulfilled', { name: 'failed' }),
  },
  {
    name: 'timeout-on-chain-not-told-upstream',
    breaks: 'bolt05-remote-commitment-local-offers-02',
    kills: ['bolt05/upstream#timeout'],
    change: outcome('failed', { name: 'pending' }),
  },
];
