import { equalBytes } from '../../../core/bytes.ts';
import { defaultCrypto } from '../../../crypto/crypto.ts';
import type { RequirementId } from '../../../spec/requirement.ts';
import { acceptFaults } from '../open/accept-rules.ts';
import { isNegotiated, type Negotiation } from '../open/negotiation.ts';
import { commonOpenFaults } from '../open/open-rules.ts';
import type { Fault } from '../step.ts';
import { temporaryChannelIdOf } from './channel-id.ts';
import { firstAccept, firstOpen } from './first-version.ts';
import type { Accept2Fields, Open2Fields } from './states.ts';

/** Where version 2 says in its own words what version 1 says. */
const REWORDED: Readonly<Partial<Record<RequirementId, RequirementId>>> = {
  'bolt02-open-channel-13': 'bolt02-open-channel2-02',
  'bolt02-open-channel-24': 'bolt02-open-channel2-02',
  'bolt02-accept-channel-01': 'bolt02-accept-channel2-01',
  'bolt02-accept-channel-06': 'bolt02-accept-channel2-02',
};

/** Rules on the reserve that a side declares: here none does. */
const WITHOUT_OBJECT: readonly RequirementId[] = ['bolt02-accept-channel-04', 'bolt02-accept-channel-05'];

/** Everything in an `open_channel2` that BOLT 2 forbids. */
export const open2Faults = (open: Open2Fields, negotiation: Negotiation): Fault[] => [
  ...contextFaults(open, negotiation),
  ...reworded(
    commonOpenFaults(firstOpen(open, { openerSat: open.funding_satoshis, accepterSat: 0n }), negotiation),
  ),
  ...secondPointFaults(open),
];

/** Everything in an `accept_channel2` that BOLT 2 forbids; `open`, which it answers, is right. */
export function accept2Faults(accept: Accept2Fields, open: Open2Fields, negotiation: Negotiation): Fault[] {
  const contributed = { openerSat: open.funding_satoshis, accepterSat: accept.funding_satoshis };
  return [
    ...reworded(
      acceptFaults(firstAccept(accept, contributed), firstOpen(open, contributed), negotiation),
    ).filter(({ requirement }) => !WITHOUT_OBJECT.includes(requirement)),
    ...secondPointFaults(accept),
  ];
}

const reworded = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, requirement: REWORDED[fault.requirement] ?? fault.requirement }));

function contextFaults(open: Open2Fields, negotiation: Negotiation): Fault[] {
  const { temporary_channel_id: got, revocation_basepoint } = open;
  const expected = temporaryChannelIdOf(revocation_basepoint);
  const faults: Fault[] = [];
  if (!isNegotiated(negotiation, 'option_dual_fund'))
    faults.push({
      requirement: 'bolt02-open-channel2-01',
      expected: 'open_channel, since option_dual_fund is not negotiated',
      got: 'open_channel2',
    });
  if (!equalBytes(got, expected))
    // That it is derived is said in prose only; a derived one is unique.
    faults.push({ requirement: 'bolt02-open-channel-02', expected, got, note: 'temporary_channel_id' });
  return faults;
}

const secondPointFaults = ({ second_per_commitment_point: got }: Open2Fields | Accept2Fields): Fault[] =>
  defaultCrypto.curve.isPoint(got)
    ? []
    : [
        {
          requirement: 'bolt02-open-channel-07',
          expected: 'a point on secp256k1',
          got,
          note: 'second_per_commitment_point',
        },
      ];
