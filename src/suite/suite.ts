import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import { OPERATION_NEEDS, type OperationNeed } from '../nodes/operations.ts';
import { strongestLevel } from '../spec/level.ts';
import type { OwnRequirements } from '../spec/own.ts';
import { declareRequirements, requirement } from '../spec/registry.ts';
import { FEATURE_NAMES, FEATURES, type FeatureName } from '../wire/features.ts';
import { callerLocation } from './location.ts';
import {
  SUITE,
  type CaseOptions,
  type ChainMode,
  type ContextOf,
  type Suite,
  type TestCase,
} from './types.ts';

type Kind = TestCase['kind'];

export interface SuiteOptions<K extends Kind> {
  readonly title: string;
  /** `subject` (our peer and one node) when not given. */
  readonly kind?: K;
  /** Requirements of a document that boltgrid's index does not hold, by id: `{ 'blip0099-hello-01': { level, text, url } }`. */
  readonly requirements?: OwnRequirements;
}

export interface SuiteVocabulary<K extends Kind> {
  /**
   * Adds a case. With `each`, `body` runs once for every entry and gets its value; otherwise the second argument is absent.
   * Ids and requirements are checked here, so a wrong one fails when the suite is loaded.
   */
  readonly test: <P = undefined>(
    slug: string,
    options: CaseOptions<P>,
    body: (context: ContextOf[K], parameter: P) => Promise<void>,
  ) => void;
}

/** By how much a case does: opening a channel and waiting for blocks takes seconds on a slow node or a busy machine. */
const CASE_DEADLINE_MS: Readonly<Record<ChainMode, number>> = {
  none: 30_000,
  confirm: 90_000,
  owns: 120_000,
};
const SUITE_ID = /^[a-z][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/;
const SLUG = /^[a-z0-9][a-z0-9-]*$/;

/**
 * Defines a suite; a suite module exports its value as default.
 *
 * @example
 * export default suite('bolt01/ping', { title: 'ping and pong' }, ({ test }) => {
 *   test('asked-length', { title: 'answers with the asked length', chain: 'none', requirements: ['bolt01-ping-08'] },
 *     async ({ connect, check }) => { … });
 * });
 */
export function suite<K extends Kind = 'subject'>(
  id: string,
  options: SuiteOptions<K>,
  define: (words: SuiteVocabulary<K>) => void,
): Suite {
  if (!SUITE_ID.test(id)) throw misuse(`suite id ${JSON.stringify(id)} is not of the form bolt01/ping`);
  const kind: Kind = options.kind ?? 'subject';
  const { requirements } = options;
  if (requirements) declareRequirements(requirements);
  const tests = new Map<string, TestCase>();
  define({
    test(slug, caseOptions, body) {
      for (const test of expand(id, kind, slug, caseOptions, body as Body)) {
        if (tests.has(test.id)) throw misuse(`case ${test.id} is defined twice`);
        tests.set(test.id, test);
      }
    },
  });
  if (tests.size === 0) throw misuse(`suite ${id} defines no case`);
  return {
    [SUITE]: 1,
    id,
    title: options.title,
    kind,
    tests: [...tests.values()],
    ...(requirements && { requirements }),
  };
}

type Body = (context: never, parameter: unknown) => Promise<void>;

function expand<P>(
  suiteId: string,
  kind: Kind,
  slug: string,
  options: CaseOptions<P>,
  body: Body,
): TestCase[] {
  const caseId = `${suiteId}#${slug}`;
  if (!SLUG.test(slug)) throw misuse(`case ${caseId}: a slug has lower-case letters, digits and hyphens`);
  checkRequirements(caseId, options.requirements);
  for (const feature of options.features ?? []) checkFeature(caseId, feature);
  const { title, chain, requirements, features, ops, opsOf, profile, pings, coins } = options;
  if (opsOf && kind !== 'pair') throw misuse(`case ${caseId}: opsOf is for suites of kind pair`);
  for (const need of [ops, opsOf?.a, opsOf?.b].flatMap((needs) => needs ?? [])) checkOperation(caseId, need);
  const shared = {
    caseId,
    suite: suiteId,
    kind,
    title,
    chain,
    requirements,
    needs: {
      ...(features && { features }),
      ...(ops && { ops }),
      ...(opsOf && { opsOf }),
      ...(profile !== undefined && { profile }),
      ...(pings !== undefined && { pings }),
      ...(coins !== undefined && { coins }),
    },
    formerly: options.formerly ?? [],
    deadlineMs: options.deadlineMs ?? CASE_DEADLINE_MS[options.chain],
    location: callerLocation(),
  };
  if (!options.each) return [{ ...shared, id: caseId, run: (context) => body(context as never, undefined) }];
  return Object.entries(options.each).map(([key, parameter]) => ({
    ...shared,
    id: `${caseId}[${key}]`,
    run: (context) => body(context as never, parameter),
  }));
}

function checkRequirements(caseId: string, ids: readonly string[]): void {
  if (ids.length === 0) throw misuse(`case ${caseId} judges no requirement`);
  for (const id of ids) {
    if (requirement(id).gone) throw misuse(`case ${caseId}: requirement ${id} is no longer in its document`);
  }
}

function checkFeature(caseId: string, feature: FeatureName | number): void {
  if (
    typeof feature === 'number' ? Number.isInteger(feature) && feature >= 0 : Object.hasOwn(FEATURES, feature)
  )
    return;
  throw unknownWord(caseId, 'feature of BOLT 9', String(feature), FEATURE_NAMES);
}

function checkOperation(caseId: string, need: OperationNeed): void {
  if (OPERATION_NEEDS.includes(need)) return;
  throw unknownWord(caseId, 'control operation or option of one', need, OPERATION_NEEDS);
}

function unknownWord(caseId: string, what: string, word: string, known: readonly string[]): BoltgridError {
  const near = nearest(word, known);
  return misuse(
    `case ${caseId}: no ${what} is called ${JSON.stringify(word)}`,
    near === undefined ? undefined : `Did you mean ${near}?`,
  );
}

/** The level of a case: the strongest of what it judges. */
export const levelOf = (test: Pick<TestCase, 'requirements'>): ReturnType<typeof strongestLevel> =>
  strongestLevel(test.requirements.map((id) => requirement(id).level));

const misuse = (message: string, hint?: string): BoltgridError =>
  new BoltgridError('suite.bad-definition', 'user', message, hint === undefined ? {} : { hint });

export const isSuite = (value: unknown): value is Suite =>
  typeof value === 'object' && value !== null && SUITE in value;
