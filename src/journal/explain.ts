import type { z } from 'zod';
import { cleanText } from '../core/text.ts';

/** The first thing that is wrong with a line, in a few words: `cases.0.level: Invalid option …`. */
export function explainLine(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  const event =
    typeof value === 'object' && value !== null && 'event' in value ? String(value.event) : 'no event';
  return cleanText(`${event}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'not an event'}`, 300);
}
