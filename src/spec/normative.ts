import type { Level } from '../core/verdict.ts';
import type { Block } from './markdown.ts';
import { isLead, prose, sentences } from './text.ts';

/** A normative sentence with the conditions that it stands under. */
export interface Statement {
  readonly level: Level;
  /** Texts of the blocks above it, outermost first. */
  readonly parents: readonly string[];
  /** As written. */
  readonly text: string;
}

/** RFC 2119, upper case only. The first of a sentence decides its level. */
const KEYWORD = /\b(MUST|SHALL|REQUIRED|SHOULD|(?:NOT )?RECOMMENDED|MAY|OPTIONAL)\b/;

const LEVEL_OF: Readonly<Record<string, Level>> = {
  MUST: 'must',
  SHALL: 'must',
  REQUIRED: 'must',
  SHOULD: 'should',
  RECOMMENDED: 'should',
  'NOT RECOMMENDED': 'should',
  MAY: 'may',
  OPTIONAL: 'may',
};

/**
 * Wordings without a keyword that suites have to cite: most of BOLT 8, and slips in BOLT 1, 7 and 9. They are looked for where a
 * sentence has no keyword; `§` stands for a name in code.
 */
const PHRASES: readonly { readonly pattern: RegExp; readonly level: Level }[] = [
  { pattern: /\b(?:is|are) to be\b/, level: 'must' },
  { pattern: /^Read exactly\b/, level: 'must' },
  { pattern: /\bmessage is exactly\b|\bhandshake is exactly\b/, level: 'must' },
  { pattern: /\bmust not exceed\b/, level: 'must' },
  { pattern: /^with a § and the latest § for each end/, level: 'must' },
  { pattern: /\bshould be treated as\b/, level: 'should' },
];

/** The level of one sentence; `undefined` where it demands nothing. */
function levelOf(sentence: string): Level | undefined {
  const text = prose(sentence).trim();
  return keywordLevel(text) ?? PHRASES.find(({ pattern }) => pattern.test(text))?.level;
}

function keywordLevel(text: string): Level | undefined {
  const word = KEYWORD.exec(text)?.[1];
  return word === undefined ? undefined : LEVEL_OF[word];
}

/**
 * The level that a lead gives to the items below it, as in "The receiving node MUST fail the channel if:" or "MUST set:".
 * `undefined` for one that is a requirement itself or a mere condition.
 */
function levelForItems(lead: string): Level | undefined {
  const text = prose(lead).trim();
  if (!isLead(text)) return undefined;
  const distributes =
    new RegExp(`${KEYWORD.source}(?: NOT)?(?: \\S+)?:$`).test(text) ||
    /\b(?:if|when|unless)(?: (?:any|either|one) of the following(?: is| are)?(?: \S+)?)?:$/.test(text);
  return distributes ? keywordLevel(text) : undefined;
}

/** The statements of a section, in the order in which they are written. */
export function statementsOf(blocks: readonly Block[]): Statement[] {
  return blocks.flatMap((block) => fromBlock(block, [], undefined));
}

function fromBlock(block: Block, parents: readonly string[], inherited: Level | undefined): Statement[] {
  const given = block.children.length > 0 ? levelForItems(block.text) : undefined;
  const own = given === undefined ? ownStatements(block, parents, inherited) : [];
  const below = given ?? (own.length > 0 ? undefined : inherited);
  const inner = block.children.flatMap((child) => fromBlock(child, [...parents, block.text], below));
  return [...own, ...inner];
}

function ownStatements(block: Block, parents: readonly string[], inherited: Level | undefined): Statement[] {
  const chunks = block.kind === 'item' ? itemChunks(block.text) : sentences(block.text);
  const found = chunks.flatMap((text) => {
    const level = levelOf(text) ?? chunkLevel(text);
    return level === undefined ? [] : [{ level, parents, text: text + enumeration(block) }];
  });
  if (found.length > 0 || inherited === undefined || isCondition(block) || block.kind === 'paragraph')
    return found;
  return [{ level: inherited, parents, text: block.text + enumeration(block) }];
}

const isCondition = (block: Block): boolean => isLead(block.text) && block.children.length > 0;

/** A chunk of several sentences has the level of the one that demands something. */
const chunkLevel = (chunk: string): Level | undefined =>
  sentences(chunk)
    .map(levelOf)
    .find((level) => level !== undefined);

/** An item is cut only where it demands twice; what leads up to a demand stays with it. */
function itemChunks(text: string): string[] {
  const chunks: string[][] = [[]];
  let complete = false;
  for (const sentence of sentences(text)) {
    const demands = levelOf(sentence) !== undefined;
    if (demands && complete) chunks.push([]);
    chunks.at(-1)?.push(sentence);
    complete ||= demands;
  }
  return chunks.map((chunk) => chunk.join(' '));
}

/** The forms or steps that a demand lists below it are part of it. */
function enumeration(block: Block): string {
  if (!isLead(block.text)) return '';
  const silent = block.children.filter((child) => chunkLevel(child.text) === undefined && !hasDemand(child));
  return silent.map((child) => ` ${child.text}${enumerationBelow(child)}`).join('');
}

const enumerationBelow = (block: Block): string =>
  block.children.map((child) => ` ${child.text}${enumerationBelow(child)}`).join('');

const hasDemand = (block: Block): boolean =>
  block.children.some((child) => chunkLevel(child.text) !== undefined || hasDemand(child));
