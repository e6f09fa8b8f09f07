import { groupBy } from '../core/collections.ts';
import type { Sentence } from './extract.ts';
import { textHalf } from './extract.ts';
import type { Requirement } from './requirement.ts';

export type ChangeKind = 'moved' | 'changed' | 'new' | 'returned' | 'gone';

/** What became of one requirement; those that are the same are not listed. */
export interface Change {
  readonly kind: ChangeKind;
  /** As the index had it; absent for a new one. */
  readonly before?: Requirement;
  readonly after: Requirement;
  /** Absent for one that is gone. */
  readonly text?: string;
}

export interface Merged {
  /** All requirements, by document: those in it as they are written, then those that are gone. */
  readonly requirements: readonly Requirement[];
  readonly changes: readonly Change[];
  /** Sentence of each requirement that is in its document. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A commit and the sentences read there. */
export interface Reading {
  readonly commit: string;
  readonly sentences: readonly Sentence[];
}

/**
 * Gives each sentence its id: the one it has, else a new one. `known` are the requirements of the documents of this reading's
 * repository, in the order of the index. An id is never given twice and never dropped.
 */
export function mergeReading(known: readonly Requirement[], { commit, sentences }: Reading): Merged {
  const pairs = pairUp(known, sentences);
  const ids = new IdSource(known);
  const changes: Change[] = [];
  const texts = new Map<string, string>();

  const present = sentences.map((sentence) => {
    const before = pairs.get(sentence);
    const after = describe(before?.id ?? ids.next(sentence), sentence, commit);
    const kind = before === undefined ? 'new' : changeOf(before, after);
    texts.set(after.id, sentence.text);
    if (kind !== undefined) changes.push({ kind, ...(before && { before }), after, text: sentence.text });
    return after;
  });

  const paired = new Set(pairs.values());
  const gone = known
    .filter((requirement) => !paired.has(requirement))
    .map((before): Requirement => {
      if (before.gone) return before;
      const after: Requirement = { ...before, gone: true };
      changes.push({ kind: 'gone', before, after });
      return after;
    });
  return { requirements: byDocument([...present, ...gone]), changes, texts };
}

function describe(id: string, sentence: Sentence, commit: string): Requirement {
  const { document, file, level, section, anchor, hash } = sentence;
  return { id, document, file, level, section, anchor, hash, commit };
}

/** `undefined` where neither its words nor its conditions nor its place changed. */
function changeOf(before: Requirement, after: Requirement): ChangeKind | undefined {
  if (before.gone) return 'returned';
  const sameText = textHalf(before.hash) === textHalf(after.hash) && before.level === after.level;
  if (!sameText) return 'changed';
  if (sectionKey(before) !== sectionKey(after)) return 'moved';
  return before.hash === after.hash ? undefined : 'changed';
}

/** Numbers go on after the highest that was ever given in the section, so that none is used again. */
class IdSource {
  readonly #highest = new Map<string, number>();

  constructor(known: readonly Requirement[]) {
    for (const { id } of known) {
      const [, stem = '', number = ''] = /^(.*)-(\d+)$/.exec(id) ?? [];
      this.#highest.set(stem, Math.max(this.#highest.get(stem) ?? 0, Number(number)));
    }
  }

  next({ document, slug }: Sentence): string {
    const stem = `${document}-${slug}`;
    const number = (this.#highest.get(stem) ?? 0) + 1;
    this.#highest.set(stem, number);
    return `${stem}-${String(number).padStart(2, '0')}`;
  }
}

interface Placed {
  readonly document: string;
  readonly section: readonly string[];
}

const sectionKey = ({ document, section }: Placed): string => [document, ...section].join('\n');

type Pairs = Map<Sentence, Requirement>;

/** What is matched first is surest: the same words in the same place, then elsewhere, then the place alone. */
function pairUp(known: readonly Requirement[], sentences: readonly Sentence[]): Pairs {
  const pairs: Pairs = new Map();
  const renamed = renamedSections(known, sentences);
  const place = (placed: Placed): string => renamed.get(sectionKey(placed)) ?? sectionKey(placed);
  const live = known.filter((requirement) => !requirement.gone);

  pairByKey(pairs, live, sentences, (it) => `${sectionKey(it)}\n${it.hash}`);
  pairByKey(pairs, live, sentences, (it) => `${place(it)}\n${textHalf(it.hash)}`);
  pairByKey(pairs, live, sentences, (it) => it.hash);
  pairUnique(pairs, live, sentences);
  pairByPosition(pairs, live, sentences, place);
  // A sentence that was taken out and is back, as after a revert, is the same requirement.
  pairByKey(pairs, known, sentences, (it) => `${sectionKey(it)}\n${it.hash}`);
  return pairs;
}

/** Pairs those with the same key in the order in which they are written. */
function pairByKey(
  pairs: Pairs,
  known: readonly Requirement[],
  sentences: readonly Sentence[],
  key: (it: Requirement | Sentence) => string,
): void {
  const free = groupBy(unpaired(known, pairs), key);
  for (const sentence of sentences) {
    if (pairs.has(sentence)) continue;
    const match = free.get(key(sentence))?.shift();
    if (match) pairs.set(sentence, match);
  }
}

/** Short sentences ("MUST fail the channel.") say nothing about where they come from. */
const TELLING_LENGTH = 60;

/** A telling sentence that is free only once on either side went from the one place to the other. */
function pairUnique(pairs: Pairs, known: readonly Requirement[], sentences: readonly Sentence[]): void {
  const half = (it: { readonly hash: string }): string => textHalf(it.hash);
  const free = groupBy(unpaired(known, pairs), half);
  const open = groupBy(
    sentences.filter((sentence) => !pairs.has(sentence)),
    half,
  );
  for (const [text, [sentence, ...others]] of open) {
    const [match, ...more] = free.get(text) ?? [];
    if (!sentence || !match || others.length + more.length > 0) continue;
    if (sentence.words.length >= TELLING_LENGTH) pairs.set(sentence, match);
  }
}

/** Between two neighbours that are matched, as many sentences as before are the same ones, reworded. */
function pairByPosition(
  pairs: Pairs,
  known: readonly Requirement[],
  sentences: readonly Sentence[],
  place: (it: Placed) => string,
): void {
  const neighbour = new Map([...pairs].map(([sentence, requirement]) => [requirement, sentence]));
  const before = groupBy(known, place);
  for (const [section, now] of groupBy(sentences, place)) {
    const runs = runsBetween(before.get(section) ?? [], (it) => neighbour.get(it));
    for (const [anchor, run] of runsBetween(now, (it) => (pairs.has(it) ? it : undefined))) {
      const old = runs.get(anchor) ?? [];
      if (old.length !== run.length) continue;
      run.forEach((sentence, i) => {
        const match = old[i];
        if (match) pairs.set(sentence, match);
      });
    }
  }
}

/** Runs of unmatched items, by the matched item before them (`undefined` at the start). */
function runsBetween<T>(
  items: readonly T[],
  matched: (item: T) => Sentence | undefined,
): Map<Sentence | undefined, T[]> {
  const runs = new Map<Sentence | undefined, T[]>();
  let anchor: Sentence | undefined;
  for (const item of items) {
    const match = matched(item);
    if (match !== undefined) anchor = match;
    else runs.set(anchor, [...(runs.get(anchor) ?? []), item]);
  }
  return runs;
}

/** Old section → new one, where a heading went away and one came that has at least half of its sentences. */
function renamedSections(known: readonly Requirement[], sentences: readonly Sentence[]): Map<string, string> {
  const old = groupBy(
    known.filter((requirement) => !requirement.gone),
    sectionKey,
  );
  const now = groupBy(sentences, sectionKey);
  const renamed = new Map<string, string>();
  const arrived = [...now].filter(([key]) => !old.has(key));
  for (const [key, requirements] of old) {
    if (now.has(key)) continue;
    const best = arrived
      .map(([candidate, found]) => ({ candidate, shared: sharedTexts(requirements, found) }))
      .reduce((a, b) => (b.shared > a.shared ? b : a), { candidate: '', shared: 0 });
    if (best.shared * 2 >= requirements.length && best.shared > 0) renamed.set(key, best.candidate);
  }
  return renamed;
}

function sharedTexts(
  a: readonly { readonly hash: string }[],
  b: readonly { readonly hash: string }[],
): number {
  const left = b.map((it) => textHalf(it.hash));
  return a.filter((it) => {
    const at = left.indexOf(textHalf(it.hash));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
}

function unpaired(known: readonly Requirement[], pairs: Pairs): Requirement[] {
  const taken = new Set(pairs.values());
  return known.filter((requirement) => !taken.has(requirement));
}

/** By document; within one, those in it as they are written, then the gone by id. */
function byDocument(requirements: readonly Requirement[]): Requirement[] {
  const live = requirements.filter((requirement) => !requirement.gone);
  const gone = requirements.filter((requirement) => requirement.gone).sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...live, ...gone].sort((a, b) => (a.document < b.document ? -1 : a.document > b.document ? 1 : 0));
}
