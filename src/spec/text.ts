const CODE_SPAN = /(`+)(.+?)\1/g;

/** Text without links' targets, HTML tags, emphasis and code marks, on one line: what is shown of it, and what is hashed. */
export function plainText(markdown: string): string {
  let out = '';
  let at = 0;
  for (const span of markdown.matchAll(CODE_SPAN)) {
    out += withoutMarks(markdown.slice(at, span.index)) + (span[2] ?? '');
    at = span.index + span[0].length;
  }
  return withoutLinks(out + withoutMarks(markdown.slice(at)))
    .replace(/\s+/g, ' ')
    .trim();
}

/** Text for a reader: as written, but links without their targets. */
export const shownText = (markdown: string): string => withoutLinks(markdown).replace(/\s+/g, ' ').trim();

/** Text to look for words in: code is no prose. */
export const prose = (markdown: string): string =>
  withoutLinks(withoutMarks(markdown.replace(CODE_SPAN, '§'))).replace(/\s+/g, ' ');

/** Whether the text introduces the list after it. */
export const isLead = (markdown: string): boolean => /:[*_]*$/.test(markdown.trim());

const withoutLinks = (text: string): string =>
  text.replace(/!?\[([^\]]*)\]\([^)\s]*(?:\s[^)]*)?\)/g, '$1').replace(/\[([^\]]+)\]\[[^\]]*\]/g, '$1');

const withoutMarks = (text: string): string =>
  text
    .replace(/<\/?[a-z][^<>]*>/gi, '')
    .replace(/(\*{1,3})(?=\S)([^*]*?\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}_])(_{1,3})(?=\S)([^_]*?\S)\1(?![\p{L}\p{N}_])/gu, '$2');

/** Words that end in a stop without ending a sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:i\.e|e\.g|etc|vs|aka|cf|resp|approx|no)\.$/i;

/** Splits running text after `.`, `!` or `?` where the next word starts a sentence. */
export function sentences(text: string): string[] {
  const out: string[] = [];
  let start = 0;
  for (const stop of text.matchAll(/[.!?][)"'*_]*\s+(?=[\p{Lu}`*_("'[])/gu)) {
    const end = stop.index + stop[0].length;
    if (ABBREVIATION.test(text.slice(start, stop.index + 1))) continue;
    out.push(text.slice(start, end).trim());
    start = end;
  }
  const rest = text.slice(start).trim();
  return rest === '' ? out : [...out, rest];
}
