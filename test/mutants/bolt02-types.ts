import { FEATURES } from '../../src/wire/features.ts';
import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import type { Message } from '../../src/channel/state/step.ts';
import { encodeFeatures, featureBits } from '../../src/wire/features.ts';
import { EMPTY } from '../../src/core/bytes.ts';
import { channelRules, says, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

const ANCHORS = FEATURES.option_anchors.even;
const SCID_ALIAS = FEATURES.option_scid_alias.even;

type Typed = Message<'open_channel' | 'accept_channel'>['fields'];

const withBits = <F extends Typed>(
  fields: F,
  change: (bits: ReadonlySet<number>) => Iterable<number>,
): F => ({
  ...fields,
  tlvs: {
    ...fields.tlvs,
    channel_type: {
      type: encodeFeatures([...change(featureBits(fields.tlvs.channel_type?.type ?? EMPTY))]),
    },
  },
});

const without =
  (bit: number) =>
  (bits: ReadonlySet<number>): number[] =>
    [...bits].filter((each) => each !== bit);
const withBit =
  (bit: number) =>
  (bits: ReadonlySet<number>): Set<number> =>
    new Set([...bits, bit]);

/** Passes over a message with such a fault. */
const overlooks = (requirement: string) =>
  channelRules({
    reaction: (fault, message, channel, situation) =>
      fault.requirement === requirement
        ? 'ignore'
        : CHANNEL_RULES.reaction(fault, message, channel, situation),
  });

/** Reads its own type in some accept_channel, and an upfront script where there is none. */
const takesItsOwnType = (isTaken: (fields: Message<'accept_channel'>['fields']) => boolean) =>
  takes('accept_channel', (fields, channel) => {
    if (!isTaken(fields) || channel.name !== 'opening' || !('open' in channel.opening)) return fields;
    const { channel_type } = channel.opening.open.tlvs;
    return {
      ...fields,
      tlvs: {
        upfront_shutdown_script: { shutdown_scriptpubkey: EMPTY },
        ...fields.tlvs,
        ...(channel_type && { channel_type }),
      },
    };
  });

const ACCEPTER = 'bolt02/type-accepter';
const OPENER = 'bolt02/type-opener';

/** Of bolt02/type-*: channel_type in both roles. */
export const mutants: readonly Mutant[] = [
  {
    name: 'accept-always-with-anchors',
    breaks: 'bolt02-accept-channel-06',
    kills: [
      `${ACCEPTER}#echoed[static_remotekey]`,
      `${ACCEPTER}#echoed[static_remotekey, announced]`,
      `${ACCEPTER}#echoed-alias[static_remotekey]`,
      `${ACCEPTER}#not-what-is-offered[static_remotekey, with anchors and scid_alias offered]`,
      `${ACCEPTER}#two-types`,
    ],
    change: says('accept_channel', (fields) => withBits(fields, withBit(ANCHORS))),
  },
  {
    name: 'accept-always-without-anchors',
    breaks: 'bolt02-accept-channel-06',
    kills: [`${ACCEPTER}#echoed[anchors]`, `${ACCEPTER}#echoed[anchors, announced]`],
    change: says('accept_channel', (fields) => withBits(fields, without(ANCHORS))),
  },
  {
    name: 'accept-always-with-alias',
    breaks: 'bolt02-accept-channel-06',
    kills: [`${ACCEPTER}#not-what-is-offered`, `${ACCEPTER}#echoed[anchors]`],
    change: says('accept_channel', (fields) => withBits(fields, withBit(SCID_ALIAS))),
  },
  {
    name: 'accept-never-with-alias',
    breaks: 'bolt02-accept-channel-06',
    kills: [`${ACCEPTER}#echoed-alias[anchors]`, `${ACCEPTER}#echoed-alias[static_remotekey]`],
    change: says('accept_channel', (fields) => withBits(fields, without(SCID_ALIAS))),
  },
  {
    name: 'accept-undefined-type-overlooked',
    breaks: 'bolt02-open-channel-46',
    kills: [`${ACCEPTER}#undefined[no bit at all]`, `${ACCEPTER}#undefined[scid_alias alone]`].concat(
      ['an unknown bit', 'an unknown odd bit', 'many bits', 'both bits of anchors'].map(
        (entry) => `${ACCEPTER}#undefined[${entry}]`,
      ),
    ),
    change: overlooks('bolt02-open-channel-14'),
  },
  {
    name: 'open-without-type-taken',
    breaks: 'bolt02-open-channel-24',
    kills: ['with other records', 'without any record'].map((entry) => `${ACCEPTER}#missing[${entry}]`),
    change: takes('open_channel', (fields) =>
      fields.tlvs.channel_type
        ? fields
        : withBits(
            {
              ...fields,
              tlvs: { upfront_shutdown_script: { shutdown_scriptpubkey: EMPTY }, ...fields.tlvs },
            },
            () => [FEATURES.option_static_remotekey.even],
          ),
    ),
  },
  {
    name: 'open-never-again-after-an-unusual-type',
    breaks: 'bolt02-open-channel-25',
    kills: ['scid_alias, to be announced', 'features that were not negotiated', 'a very long bitmap'].map(
      (entry) => `${ACCEPTER}#unusual[${entry}]`,
    ),
    change: (rules) => {
      let isHurt = false;
      return channelRules({
        incoming: (message, channel, situation) => {
          if (message.name === 'open_channel') {
            const { type } = message.fields.tlvs.channel_type ?? { type: EMPTY };
            if (type.length > 100 || featureBits(type).has(SCID_ALIAS)) isHurt = true;
          }
          return CHANNEL_RULES.incoming(message, channel, situation);
        },
        refusals: (message, channel, situation) =>
          isHurt ? ['no more'] : CHANNEL_RULES.refusals(message, channel, situation),
      })(rules);
    },
  },
  {
    name: 'open-always-with-anchors',
    breaks: 'bolt02-open-channel-16',
    kills: [
      `${OPENER}#not-announced[no anchors]`,
      `${OPENER}#not-announced[only what every node has]`,
      `${OPENER}#announced[neither anchors nor scid_alias]`,
    ],
    change: says('open_channel', (fields) => withBits(fields, withBit(ANCHORS))),
  },
  {
    name: 'open-always-with-alias-though-not-offered',
    breaks: 'bolt02-open-channel-16',
    kills: [
      `${OPENER}#not-announced[no scid_alias]`,
      `${OPENER}#not-announced[neither anchors nor scid_alias]`,
    ],
    change: says('open_channel', (fields) => withBits(fields, withBit(SCID_ALIAS))),
  },
  {
    name: 'open-announced-with-alias',
    breaks: 'bolt02-open-channel-17',
    kills: [`${OPENER}#announced[all that is usual]`, `${OPENER}#announced[no anchors]`],
    change: says('open_channel', (fields) => withBits(fields, withBit(SCID_ALIAS))),
  },
  {
    name: 'open-with-a-type-of-its-own',
    breaks: 'bolt02-open-channel-14',
    kills: [`${OPENER}#announced`, `${OPENER}#not-announced`],
    change: says('open_channel', (fields) => withBits(fields, withBit(99))),
  },
  {
    name: 'open-with-another-type-than-told',
    breaks: 'bolt02-open-channel-14',
    kills: [`${OPENER}#asked-for[static_remotekey]`, `${OPENER}#asked-for[static_remotekey, announced]`],
    change: says('open_channel', (fields) => withBits(fields, withBit(ANCHORS))),
  },
  {
    name: 'open-without-anchors-whatever-is-told',
    breaks: 'bolt02-open-channel-14',
    kills: [`${OPENER}#asked-for[anchors]`, `${OPENER}#asked-for[anchors, announced]`],
    change: says('open_channel', (fields) => withBits(fields, without(ANCHORS))),
  },
  {
    name: 'accept-of-another-type-taken',
    breaks: 'bolt02-accept-channel-11',
    kills: ['with anchors or without', 'with option_scid_alias or without', 'with an unknown odd bit'].map(
      (entry) => `${OPENER}#another-type[${entry}]`,
    ),
    change: takesItsOwnType(({ tlvs }) => tlvs.channel_type !== undefined),
  },
  {
    name: 'accept-without-type-taken',
    breaks: 'bolt02-accept-channel-10',
    kills: ['but other records', 'and no other record'].map((entry) => `${OPENER}#no-type[${entry}]`),
    change: takesItsOwnType(({ tlvs }) => tlvs.channel_type === undefined),
  },
];
