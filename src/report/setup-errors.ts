import { groupBy } from '../core/collections.ts';
import type { ReportResult } from './schema.ts';

/** A set-up that failed fails all cases of its cell, often of many cells: it is told once. */
export interface SameSetupError {
  /** May have several lines. */
  readonly message: string;
  readonly logTail: readonly string[];
  readonly results: readonly ReportResult[];
  readonly cells: readonly string[];
}

export function setupErrors(results: readonly ReportResult[]): SameSetupError[] {
  const failed = results.filter(({ verdict }) => verdict === 'setup-error');
  return [...groupBy(failed, ({ message = '' }) => message)].map(([message, same]) => ({
    message,
    logTail: same.find(({ logTail }) => logTail !== undefined)?.logTail ?? [],
    results: same,
    cells: [...new Set(same.map(({ cell }) => cell))],
  }));
}

/** `249 × lnd@0.21.2`, `615 × on 29 cells of lnd@0.21.2`, `9075 × on 225 cells: lnd@0.21.2, lnd@0.20.2, …` */
export function howOften({ results, cells }: SameSetupError, shown = 4): string {
  const [only, ...more] = cells;
  if (more.length === 0) return `${results.length} × ${only ?? ''}`;
  const common = results[0]?.nodes.filter((node) => results.every(({ nodes }) => nodes.includes(node))) ?? [];
  if (common.length > 0) return `${results.length} × on ${cells.length} cells of ${common.join(' and ')}`;
  const list = `${cells.slice(0, shown).join(', ')}${cells.length > shown ? ', …' : ''}`;
  return `${results.length} × on ${cells.length} cells: ${list}`;
}
