import type { OwnRequirement } from '../spec/own.ts';
import type { Requirement } from '../spec/requirement.ts';
import type { ReportRequirement, ReportRun } from './schema.ts';

/** What a report says of a requirement: where its sentence stands at the commit that the run was made with. */
export function describeRequirement(
  id: string,
  spec: ReportRun['spec'],
  indexed: Requirement | undefined,
  sentence: string | undefined,
): ReportRequirement {
  const document = indexed?.document ?? id.split('-', 1)[0] ?? id;
  const url = indexed && documentUrl(spec, indexed);
  const section = indexed && sectionName(indexed.section);
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

/** The heading that names the subject: `The init Message` rather than the `Requirements` under it. */
function sectionName(section: readonly string[]): string | undefined {
  const named = section.filter((heading) => !/^requirements$/i.test(heading));
  return named.at(-1)?.replaceAll('`', '');
}

function documentUrl(spec: ReportRun['spec'], { document, file, anchor }: Requirement): string | undefined {
  const source = spec[document.startsWith('blip') ? 'blips' : 'bolts'];
  if (!source) return undefined;
  const repository = repositoryUrl(source.repository);
  // The source comes from the journal: only what can be a commit on a public https host becomes a link.
  if (repository === undefined || !/^[0-9a-f]{7,64}$/.test(source.commit)) return undefined;
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${repository}/blob/${source.commit}/${path}#${encodeURIComponent(anchor)}`;
}

function repositoryUrl(repository: string): string | undefined {
  const text = /^[\w.-]+\/[\w.-]+$/.test(repository) ? `https://github.com/${repository}` : repository;
  // `URL.parse` is not in Node 20.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return `${url.origin}${url.pathname.replace(/(\.git)?\/*$/, '')}`;
}
