import { VERDICT_TABLE } from '../core/verdict.ts';
import { featuresText, identityFacts, otherBuildsText } from './identity.ts';
import { MEANINGS } from './meanings.ts';
import type { Report, ReportCase, ReportNode, ReportResult } from './schema.ts';
import { valueText } from './value.ts';

/**
 * JUnit XML: a `testsuite` for each cell. A broken rule is a `failure`; a crash, time-out, set-up or harness error an `error`; what was
 * not tried is `skipped` with the reason. A broken `should` passes, with the warning in `system-out`.
 */
export function junitXml(report: Report): string {
  const cases = new Map(report.cases.map((planned) => [planned.id, planned]));
  const suites = report.cells.map(({ cell, nodes }) => {
    const results = report.results.filter((result) => result.cell === cell);
    return element(
      'testsuite',
      { name: cell, ...totals(results), timestamp: report.run.startedAt.replace(/(\.\d+)?Z$/, '') },
      [
        properties(report, nodes),
        ...results.map((result) => testcase(report, result, cases.get(result.case))),
      ],
    );
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'boltgrid', ...totals(report.results) }, suites)}\n`;
}

function totals(results: readonly ReportResult[]): Record<string, number | string> {
  const of = (junit: string): number =>
    results.filter(({ verdict }) => VERDICT_TABLE[verdict].junit === junit).length;
  const milliseconds = results.reduce((sum, result) => sum + result.milliseconds, 0);
  return {
    tests: results.length,
    failures: of('failure'),
    errors: of('error'),
    skipped: of('skipped'),
    time: seconds(milliseconds),
  };
}

function properties({ run, nodes }: Report, ofCell: readonly string[]): string {
  const facts: [string, string][] = [
    ['boltgrid', run.boltgrid],
    ['run', run.runId],
    ['seed', run.seed],
    ...nodes.filter(({ id }) => ofCell.includes(id)).flatMap(nodeProperties),
  ];
  return element(
    'properties',
    {},
    facts.map(([name, value]) => element('property', { name, value })),
  );
}

function nodeProperties(node: ReportNode): [string, string][] {
  const { id, build, reported } = node;
  const otherBuilds = otherBuildsText(node);
  return [
    [`${id} build`, build ?? 'never started'],
    [`${id} reported`, reported ?? ''],
    ...identityFacts(node)
      .filter(({ name }) => IN_PROPERTIES.has(name))
      .map(({ name, text }): [string, string] => [`${id} ${name}`, text.replaceAll('\n', ' ')]),
    ...(node.features.length > 0 ? [[`${id} features`, featuresText(node)] satisfies [string, string]] : []),
    ...(otherBuilds === undefined ? [] : [[`${id} builds`, otherBuilds] satisfies [string, string]]),
  ];
}

const IN_PROPERTIES: ReadonlySet<string> = new Set(['image', 'digest', 'flags', 'started']);

function testcase(report: Report, result: ReportResult, planned: ReportCase | undefined): string {
  const attributes = {
    classname: `${result.cell}.${planned?.suite ?? result.caseId}`,
    name: result.case,
    time: seconds(result.milliseconds),
    ...(planned && { file: planned.location }),
  };
  return element('testcase', attributes, outcome(report, result));
}

function outcome(report: Report, result: ReportResult): string[] {
  const { junit } = VERDICT_TABLE[result.verdict];
  const message = result.message ?? MEANINGS[result.verdict];
  switch (junit) {
    case 'passed':
      return result.verdict === 'pass'
        ? []
        : [element('system-out', {}, [escapeXml(`${result.verdict}: ${detail(report, result)}`)])];
    case 'skipped':
      return [element('skipped', { message: `${result.verdict}: ${message}` })];
    case 'failure':
    case 'error':
      return [element(junit, { type: result.verdict, message }, [escapeXml(detail(report, result))])];
  }
}

function detail({ requirements }: Report, result: ReportResult): string {
  const { requirement, level, step, known, disputed, blame } = result;
  return [
    ...(requirement === undefined
      ? []
      : [`requirement: ${requirement} (${level}) ${requirements[requirement]?.url ?? ''}`.trimEnd()]),
    ...(step === undefined ? [] : [`step: ${step}`]),
    ...('expected' in result ? [`expected: ${valueText(result.expected)}`] : []),
    ...('got' in result ? [`got: ${valueText(result.got)}`] : []),
    ...(blame === undefined ? [] : [`blame: ${blame}`]),
    ...(known ? [`known: ${known.reason} ${known.link}`] : []),
    ...(disputed ? ['disputed: every independent implementation is red here'] : []),
    ...(result.message === undefined ? [] : [result.message]),
  ].join('\n');
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const head = [
    name,
    ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(String(value))}"`),
  ].join(' ');
  return children.length === 0 ? `<${head}/>` : `<${head}>${children.join('\n')}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way to write most control characters, lone surrogates and U+FFFE/U+FFFF: they become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/[\t\n]/g, (character) => `&#${character.codePointAt(0) ?? 32};`);
}
