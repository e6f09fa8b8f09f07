/** Headings that say nothing of their own: the one above names the section. */
const GENERIC = /^(?:(?:requirements|specification|protocol)[: ]*|link: .*)$/i;

/** Sections that are not normative, with all below them. */
const NOT_NORMATIVE =
  /^(?:rationale?\b|table of contents|abstract|appendix|test vectors?|references?\b|acknowledge?ments|authors?$|copyright|motivation|examples?\b|history$|theme song|deployment|discussion|universality|backwards compatibility|fixme)/i;

export const isNormative = (headings: readonly string[]): boolean =>
  !headings.some((heading) => NOT_NORMATIVE.test(heading));

/** Slugs where the rule gives none that is short and plain. */
const OVERRIDES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bolt00: { 'Glossary and Terminology Guide': 'glossary' },
  bolt01: {
    'Connection Handling and Multiplexing': 'connection',
    'Lightning Message Format': 'message-format',
    'Type-Length-Value Format': 'tlv',
    'The `error` and `warning` Messages': 'error-warning',
  },
  bolt02: {
    'The `tx_remove_input` and `tx_remove_output` Messages': 'tx-remove',
    'Sharing funding signatures: `tx_signatures`': 'v2-tx-signatures',
    'Fee bumping: `tx_init_rbf` and `tx_ack_rbf`': 'v2-rbf',
    'Channel Quiescence': 'stfu',
    'Bounding exposure to trimmed in-flight HTLCs: `max_dust_htlc_exposure_msat`': 'dust-exposure',
    'Removing an HTLC: `update_fulfill_htlc`, `update_fail_htlc`, and `update_fail_malformed_htlc`':
      'remove-htlc',
    'Batching channel messages': 'batching',
    'Message Retransmission': 'reestablish',
  },
  bolt03: { 'Per-commitment Secret Requirements': 'per-commitment-secret' },
  bolt04: {
    'Packet Structure': 'payload',
    'Basic Multi-Part Payments': 'mpp',
    'Payload for the Last Node': 'last-node',
    'Blinding Ephemeral Onion Keys': 'blinding-keys',
  },
  bolt05: {
    'General Nomenclature': 'nomenclature',
    'Mutual Close Handling': 'mutual-close',
    'Unilateral Close Handling: Local Commitment Transaction': 'local-commitment',
    'HTLC Output Handling: Local Commitment, Local Offers': 'local-commitment-local-offers',
    'HTLC Output Handling: Local Commitment, Remote Offers': 'local-commitment-remote-offers',
    'Unilateral Close Handling: Remote Commitment Transaction': 'remote-commitment',
    'HTLC Output Handling: Remote Commitment, Local Offers': 'remote-commitment-local-offers',
    'HTLC Output Handling: Remote Commitment, Remote Offers': 'remote-commitment-remote-offers',
    'Revoked Transaction Close Handling': 'revoked',
    'Generation of HTLC Transactions': 'htlc-transactions',
    'General Requirements': 'general',
  },
  bolt07: {
    'Pruning the Network View': 'pruning',
    'Recommendation on Pruning Stale Entries': 'stale-entries',
    'Recommendations for Routing': 'routing',
  },
  bolt08: {
    'Cryptographic Messaging Overview': 'overview',
    'Authenticated Key Agreement Handshake': 'handshake',
    'Handshake Versioning': 'versioning',
    'Noise Protocol Instantiation': 'noise',
    'Lightning Message Specification': 'message',
    'Encrypting and Sending Messages': 'encrypting',
    'Receiving and Decrypting Messages': 'decrypting',
    'Lightning Message Key Rotation': 'key-rotation',
  },
  bolt09: { 'BOLT #9: Assigned Feature Flags': 'features' },
  bolt10: {
    'DNS Seed Queries': 'dns-seed',
    'Query Semantics': 'dns-query',
    'Reply Construction': 'dns-reply',
  },
  bolt11: { 'Payer / Payee Interactions': 'interactions', 'Payer / Payee Requirements': 'payer-payee' },
  blip0025: { 'Allow forwarding HTLCs with less value than the onion claims to pay': 'less-value' },
  blip0032: { 'Onion Message DNS Resolution': 'dns-resolution' },
  blip0039: { 'BOLT 11 Invoice Blinded Path Tagged Field': 'blinded-path-field' },
  blip0050: {
    'Lightning Peer-To-Peer Transport': 'transport',
    'LSPS Method And Notification Specifications': 'methods',
    '`-32602` Invalid Parameters Error': 'invalid-parameters',
    'LSPS Specification Support Query': 'support-query',
    'LSPS Extension And Versioning': 'versioning',
    'Proportional / Parts-per-million': 'ppm',
    'Short Channel Identifiers (SCID)': 'scid',
    'SECP256K1 Points / Public Keys / Lightning Network Node IDs': 'pubkey',
    'Lightning Network Connection Strings': 'connection-string',
    'Lightning Network Node Signatures': 'node-signature',
    '001 Client rejected': 'client-rejected',
  },
  blip0051: {
    '3.1 Lightning Payments using BOLT-11': 'pay-bolt11',
    '3.2 Lightning Payments using BOLT-12': 'pay-bolt12',
    '3.3 Onchain payments': 'pay-onchain',
    'Note about Channel Batching': 'channel-batching',
  },
  blip0052: {
    'Flow (LSP Trusts Client Model)': 'flow',
    'Forward Compatibility With Post-BOLT11 Payment Schemes': 'post-bolt11',
    '5. Channel Opening And Forwarding': 'channel-opening',
    '6. Post-opening Normal Operation': 'normal-operation',
  },
};

/** Parts of BOLT 2 that use messages which are described elsewhere in it: their sections share headings. */
const PREFIXES: Readonly<Record<string, string>> = {
  'Channel Establishment v2': 'v2',
  'Channel Splicing': 'splice',
};

/** The section's part of an id: `init`, `act-one`, `splice-tx-add-input`. Only new ids are made from it, known ones stay. */
export function sectionSlug(document: string, headings: readonly string[]): string {
  const owner = headings.findLast((heading, i) => i > 0 && !GENERIC.test(heading)) ?? headings[0] ?? '';
  const slug = OVERRIDES[document]?.[owner] ?? slugOf(owner);
  const prefix = headings.flatMap((heading) => PREFIXES[heading] ?? []).at(0);
  const describesShared = /^(?:tx-|commitment-signed)/.test(slug);
  return prefix !== undefined && describesShared ? `${prefix}-${slug}` : slug;
}

/** The first name in code, where there is one; else the heading's words, without numbering, brackets and filler. */
function slugOf(heading: string): string {
  const name = /`([^`]+)`/.exec(heading)?.[1] ?? heading.replace(/\(.*?\)/g, '').replace(/^[\d.]+ /, '');
  return name
    .toLowerCase()
    .replace(/^lsps\d\./, '')
    .replace(/^(?:the|definition of|requirements for) | (?:messages?|selection)$/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
