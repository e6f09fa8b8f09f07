import type { OwnRequirement } from '../spec/own.ts';
import type { Requirement } from '../spec/requirement.ts';
import type { ReportRequirement, ReportRun } from './schema.ts';

/** File of each BOLT, for requirements that the index does not hold. */
const BOLT_FILES: Readonly<Record<string, string>> = {
  bolt01: '01-messaging.md',
  bolt02: '02-peer-protocol.md',
  bolt03: '03-transactions.md',
  bolt04: '04-onion-routing.md',
  bolt05: '05-onchain.md',
  bolt07: '07-routing-gossip.md',
  bolt08: '08-transport.md',
  bolt09: '09-features.md',
  bolt10: '10-dns-bootstrap.md',
  bolt11: '11-payment-encoding.md',
  bolt12: '12-offer-encoding.md',
};

/** What a report says of a requirement: where its sentence stands at the commit that the run was made with. */
export function describeRequirement(
  id: string,
  spec: ReportRun['spec'],
  indexed: Requirement | undefined,
  sentence: string | undefined,
): ReportRequirement {
  const document = indexed?.document ?? id.split('-', 1)[0] ?? id;
  const url = documentUrl(document, spec, indexed);
  const section = indexed?.section.at(-1);
  return {
    id,
    document,
    ...(indexed && { level: indexed.level }),
    ...(url !== undefined && { url }),
    ...(section !== undefined && { section }),
    ...(sentence !== undefined && { sentence }),
  };
}

/** What a report says of a requirement that a suite brought along. */
export const describeOwn = (id: string, { level, text, url }: OwnRequirement): ReportRequirement => ({
  id,
  document: id.split('-', 1)[0] ?? id,
  level,
  ...(url !== undefined && { url }),
  sentence: text,
});

function documentUrl(
  document: string,
  spec: ReportRun['spec'],
  indexed: Requirement | undefined,
): string | undefined {
  const source = spec[document.startsWith('blip') ? 'blips' : 'bolts'];
  const file =
    indexed?.file ??
    BOLT_FILES[document] ??
    (/^blip\d{4}$/.test(document) ? document.replace('blip', 'blip-') + '.md' : undefined);
  if (!source || file === undefined) return undefined;
  const repository = repositoryUrl(source.repository);
  // The source comes from the journal: only what can be a commit on a public https host becomes a link.
  if (repository === undefined || !/^[0-9a-f]{7,64}$/.test(source.commit)) return undefined;
  const anchor = indexed ? `#${encodeURIComponent(indexed.anchor)}` : '';
  return `${repository}/blob/${source.commit}/${file.split('/').map(encodeURIComponent).join('/')}${anchor}`;
}

function repositoryUrl(repository: string): string | undefined {
  const text = /^[\w.-]+\/[\w.-]+$/.test(repository) ? `https://github.com/${repository}` : repository;
  // `URL.parse` is not in Node 20.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return `${url.origin}${url.pathname.replace(/(\.git)?\/*$/, '')}`;
}
