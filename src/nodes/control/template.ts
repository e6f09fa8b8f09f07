import { BoltgridError } from '../../core/error.ts';
import { nearest } from '../../core/text.ts';
import type { Values } from './values.ts';

/** `{{` | `{name.field}` | a brace that is neither. */
const PARTS = /\{\{|\{([A-Za-z][\w-]*(?:\.[\w-]+)*)\}|\{/g;

/**
 * Puts values in for their names; `encode` is applied to each value. Throws (blame `user`) `manifest.unknown-value`, which names the
 * nearest one, and `manifest.bad-template`.
 */
export function fillTemplate(
  text: string,
  values: Values,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replace(PARTS, (part: string, name: string | undefined) => {
    if (part === '{{') return '{';
    if (name === undefined) throw badTemplate(text);
    return encode(valueAt(name, values));
  });
}

/** The names in a template. Throws `manifest.bad-template`. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(PARTS)].flatMap(([part, name]) => {
    if (part === '{') throw badTemplate(text);
    return name === undefined ? [] : [name];
  });
}

function badTemplate(text: string): BoltgridError {
  return new BoltgridError('manifest.bad-template', 'user', `a brace that opens no name: ${text}`, {
    hint: '`{name.field}` stands for a value, and `{{` for a brace.',
    details: { template: text },
  });
}

function valueAt(name: string, values: Values): string {
  const path = name.split('.');
  let found: unknown = values;
  for (const [depth, key] of path.entries()) {
    const known = typeof found === 'object' && found !== null ? Object.keys(found) : [];
    if (!known.includes(key)) throw unknownValue(name, path.slice(0, depth), key, known);
    found = (found as Values)[key];
  }
  if (typeof found === 'string') return found;
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  const inside = typeof found === 'object' && found !== null ? Object.keys(found) : [];
  throw unknownValue(name, path, '', inside);
}

function unknownValue(
  name: string,
  parents: readonly string[],
  key: string,
  known: readonly string[],
): BoltgridError {
  const meant = nearest(key, known);
  const full = (field: string): string => `{${[...parents, field].join('.')}}`;
  const hints = [
    ...(meant === undefined ? [] : [`Did you mean ${full(meant)}?`]),
    ...(known.length === 0 ? [] : [`Known: ${known.map(full).join(', ')}.`]),
  ];
  return new BoltgridError('manifest.unknown-value', 'user', `there is no text for {${name}}`, {
    ...(hints.length > 0 && { hint: hints.join(' ') }),
    details: { name, known },
  });
}
