import { equalBytes } from '../../src/core/bytes.ts';
import type { Mutant } from './mutant.ts';
import { channelRules, isLive, leavesOut, says, tolerates } from './bolt02/messages.ts';

const signaturesTolerated = tolerates(({ name }) => name === 'commitment_signed');

export const mutants: readonly Mutant[] = [
  {
    name: 'commitment-never-revoked',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/commitment#answered', 'bolt02/commitment#both-at-once'],
    change: leavesOut(({ do: what }) => what === 'revoke_and_ack'),
  },
  {
    name: 'commitment-without-its-last-htlc-signature',
    breaks: 'bolt02-commitment-signed-04',
    kills: ['bolt02/commitment#answered'],
    change: says('commitment_signed', (fields) => ({
      ...fields,
      htlc_signature: fields.htlc_signature.slice(0, -1),
    })),
  },
  {
    name: 'commitment-of-dust-is-not-answered',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/commitment#dust-only'],
    change: leavesOut(
      ({ do: what }, channel) =>
        what === 'revoke_and_ack' &&
        isLive(channel) &&
        channel.readying.commitments.fundings[0].remoteSignatures?.htlc_signature.length === 0,
    ),
  },
  {
    name: 'commitment-without-twins',
    breaks: 'bolt02-update-add-htlc-20',
    kills: ['bolt02/commitment#identical-htlcs'],
    change: channelRules({
      judge: (faults, message, channel) => {
        if (message.name !== 'update_add_htlc' || !isLive(channel)) return faults;
        const { payment_hash } = message.fields;
        const isTwin = channel.readying.commitments.ledger.pending.some(
          ({ update }) =>
            update.name === 'update_add_htlc' && equalBytes(update.fields.payment_hash, payment_hash),
        );
        const fault = {
          requirement: 'bolt02-update-add-htlc-22',
          expected: 'another hash',
          got: payment_hash,
        };
        return isTwin ? [...faults, fault] : faults;
      },
    }),
  },
  ...(
    [
      ['bolt02-commitment-signed-12', ['bolt02/commitment#wrong-signature', 'bolt02/commitment#repeated']],
      ['bolt02-commitment-signed-13', ['bolt02/commitment#signature-count']],
      ['bolt02-commitment-signed-14', ['bolt02/commitment#wrong-htlc-signature']],
    ] as const
  ).map(([breaks, kills]) => ({
    name: `commitment-signatures-are-let-pass-${breaks}`,
    breaks,
    kills,
    change: signaturesTolerated,
  })),
  {
    name: 'revocation-of-another-secret',
    breaks: 'bolt02-revoke-and-ack-01',
    kills: ['bolt02/revocation#secrets'],
    change: says('revoke_and_ack', (fields) => ({
      ...fields,
      per_commitment_secret: fields.per_commitment_secret.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
    })),
  },
  {
    name: 'revocation-is-let-pass',
    breaks: 'bolt02-revoke-and-ack-04',
    kills: [
      'bolt02/revocation#wrong-secret',
      'bolt02/revocation#unasked',
      'bolt02/revocation#before-committed',
    ],
    change: tolerates(({ name }) => name === 'revoke_and_ack'),
  },
];
