import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import type { Mutant } from './mutant.ts';
import { channelRules, leavesOut, says, tolerates } from './bolt02/messages.ts';

const shutdownTolerated = tolerates(({ name }) => name === 'shutdown');

export const mutants: readonly Mutant[] = [
  {
    name: 'shutdown-is-not-answered',
    breaks: 'bolt02-shutdown-14',
    kills: [
      'bolt02/shutdown#allowed-script',
      'bolt02/shutdown#anysegwit-script',
      'bolt02/shutdown#at-once',
      'bolt02/shutdown#with-htlc',
      'bolt02/shutdown#upfront-kept',
    ],
    change: leavesOut(({ do: what }) => what === 'shutdown'),
  },
  {
    name: 'shutdown-to-any-script-is-let-pass',
    breaks: 'bolt02-shutdown-12',
    kills: ['bolt02/shutdown#forbidden-script'],
    change: shutdownTolerated,
  },
  {
    name: 'shutdown-against-the-upfront-script-is-let-pass',
    breaks: 'bolt02-shutdown-16',
    kills: ['bolt02/shutdown#upfront-broken'],
    change: shutdownTolerated,
  },
  {
    name: 'shutdown-to-a-public-key-hash',
    breaks: 'bolt02-shutdown-10',
    kills: ['bolt02/shutdown#its-own'],
    change: says('shutdown', (fields) => ({
      ...fields,
      scriptpubkey: Uint8Array.of(0x76, 0xa9, 20, ...new Uint8Array(20), 0x88, 0xac),
    })),
  },
  {
    name: 'closing-with-another-signature',
    breaks: 'bolt02-closing-signed-07',
    kills: ['bolt02/closing#agreed', 'bolt02/closing#without-fee-range'],
    change: says('closing_signed', (fields) => ({ ...fields, signature: new Uint8Array(64).fill(1) })),
  },
  {
    name: 'closing-is-not-broadcast',
    breaks: 'bolt02-closing-signed-09',
    kills: ['bolt02/closing#broadcasts'],
    change: channelRules({ broadcastsClosing: () => false }),
  },
  {
    name: 'closing-signature-is-let-pass',
    breaks: 'bolt02-closing-signed-08',
    kills: ['bolt02/closing#wrong-signature'],
    change: tolerates(({ name }) => name === 'closing_signed'),
  },
  {
    name: 'closing-begins-with-no-fee',
    breaks: 'bolt02-closing-signed-01',
    kills: ['bolt02/closing#node-proposes'],
    change: leavesOut(({ do: what }) => what === 'closing_signed'),
  },
  {
    name: 'closing-never-begins-again',
    breaks: 'bolt02-reestablish-49',
    kills: ['bolt02/closing#reconnected'],
    change: channelRules({
      next: (command, channel, situation) =>
        command?.do === 'shutdown' && channel.name === 'live' && channel.shutdown.scriptpubkeys.local
          ? undefined
          : CHANNEL_RULES.next(command, channel, situation),
    }),
  },
];
