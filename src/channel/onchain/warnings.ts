import type { RequirementId } from '../../spec/requirement.ts';
import { followed } from './follow.ts';
import type { Onchain } from './onchain.ts';

/** What the user must be told of. */
export interface Warning {
  readonly requirement: RequirementId;
  readonly message: string;
}

export function warningsOf(onchain: Onchain): readonly Warning[] {
  const chain = followed(onchain);
  if (!chain) return [];
  const { close, closedBy } = chain;
  switch (close.kind) {
    case 'unknown':
      return [
        {
          requirement: 'bolt05-general-01',
          message: `${closedBy.tx.txid} spent the funding output and is none of ours: funds may be lost`,
        },
      ];
    case 'ahead':
      return [
        {
          requirement: 'bolt05-remote-commitment-06',
          message: `we do not know commitment ${close.commitmentNumber} of the remote: funds in HTLCs may be lost`,
        },
      ];
    case 'mutual_close':
    case 'commitment':
      return [];
  }
}
