import type { z } from 'zod';
import { BoltgridError } from './error.ts';
import { cleanText, nearest } from './text.ts';

/**
 * Reads JSON text that a person wrote (a manifest, matrix.json). Throws a BoltgridError with blame `user` that names the file,
 * the JSON path, what is allowed there and, for a misspelt key or word, the nearest one:
 * `<prefix>.not-json`, `<prefix>.unknown-key`, `<prefix>.invalid`.
 */
export function parseJson<S extends z.ZodType>(
  prefix: string,
  file: string,
  text: string,
  schema: S,
): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BoltgridError(`${prefix}.not-json`, 'user', `${file} is not JSON`, {
      details: { file },
      cause,
    });
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw describe(prefix, file, schema, parsed.error.issues.flatMap(leaves));
}

/** A path as a reader would write it: `$.versions["0.1.2"].package`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    return /^[A-Za-z_$][\w$]*$/.test(name) ? `${text}.${name}` : `${text}[${JSON.stringify(name)}]`;
  }, '$');
}

/** A misspelt key is told before what is missing because of it. */
function describe(
  prefix: string,
  file: string,
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
): BoltgridError {
  for (const issue of issues) {
    const { path } = issue;
    if (issue.code === 'invalid_key') {
      const key = String(path.at(-1));
      const allowed = keysAt(schema, path.slice(0, -1));
      return refusal(`${prefix}.unknown-key`, file, path, `unknown key ${quoted(key)}`, key, allowed);
    }
    if (issue.code !== 'unrecognized_keys') continue;
    const allowed = keysAt(schema, path);
    // In a union, a key of one form is unknown to the others.
    const key = issue.keys.find((unknown) => !allowed.includes(unknown));
    if (key === undefined) continue;
    return refusal(`${prefix}.unknown-key`, file, [...path, key], `unknown key ${quoted(key)}`, key, allowed);
  }
  const [first] = issues.toSorted((a, b) => b.path.length - a.path.length);
  if (first === undefined) return new BoltgridError(`${prefix}.invalid`, 'user', `${file} is invalid`);
  const word = 'input' in first && typeof first.input === 'string' ? first.input : '';
  return refusal(`${prefix}.invalid`, file, first.path, first.message, word, valuesOf(first));
}

function refusal(
  code: string,
  file: string,
  path: readonly PropertyKey[],
  what: string,
  word: string,
  allowed: readonly string[],
): BoltgridError {
  const meant = nearest(word, allowed);
  const hints = [
    ...(meant === undefined ? [] : [`Did you mean ${quoted(meant)}?`]),
    ...(allowed.length === 0 ? [] : [`Allowed here: ${allowed.join(', ')}.`]),
  ];
  return new BoltgridError(code, 'user', `${file}: ${jsonPath(path)}: ${cleanText(what, 400)}`, {
    details: { file, path: jsonPath(path), allowed },
    ...(hints.length === 0 ? {} : { hint: hints.join(' ') }),
  });
}

const quoted = (word: string): string => JSON.stringify(cleanText(word, 80));

/** The issues inside an issue: those of all forms of a union. */
function leaves(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inner = issue.errors.flat().map((nested) => ({ ...nested, path: [...issue.path, ...nested.path] }));
  return inner.length === 0 ? [issue] : inner.flatMap(leaves);
}

function valuesOf(issue: z.core.$ZodIssue): string[] {
  return issue.code === 'invalid_value' ? issue.values.map(String) : [];
}

/** The keys that the schema knows at a path; several where it is a union. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
      return keysAt(def.innerType, path);
    case 'union':
      return [...new Set(def.options.flatMap((option) => keysAt(option, path)))];
    case 'pipe':
      return keysAt(def.in, path);
    case 'object': {
      const [key, ...rest] = path;
      if (key === undefined) return Object.keys(def.shape);
      const next = def.shape[String(key)];
      return next === undefined ? [] : keysAt(next, rest);
    }
    case 'record': {
      const [key, ...rest] = path;
      return key === undefined ? wordsOf(def.keyType) : keysAt(def.valueType, rest);
    }
    case 'array':
      return path.length === 0 ? [] : keysAt(def.element, path.slice(1));
    default:
      return [];
  }
}

/** The words of an enum. */
function wordsOf(schema: z.core.$ZodType): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'enum' ? Object.values(def.entries).map(String) : [];
}
