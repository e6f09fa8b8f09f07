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
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw new BoltgridError(`${prefix}.invalid`, 'user', `${file} is invalid`);
  throw describe(prefix, file, schema, innermost(issue));
}

/** A path as a reader would write it: `$.versions["0.1.2"].package`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    return /^[A-Za-z_$][\w$]*$/.test(name) ? `${text}.${name}` : `${text}[${JSON.stringify(name)}]`;
  }, '$');
}

function describe(prefix: string, file: string, schema: z.ZodType, issue: z.core.$ZodIssue): BoltgridError {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const allowed = keysAt(schema, issue.path);
    return refusal(
      `${prefix}.unknown-key`,
      file,
      [...issue.path, key],
      `unknown key ${quoted(key)}`,
      key,
      allowed,
    );
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1) ?? '');
    const allowed = issue.issues.flatMap(valuesOf);
    return refusal(`${prefix}.unknown-key`, file, issue.path, `unknown key ${quoted(key)}`, key, allowed);
  }
  const word = 'input' in issue && typeof issue.input === 'string' ? issue.input : '';
  return refusal(`${prefix}.invalid`, file, issue.path, issue.message, word, valuesOf(issue));
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

/** In a union, the issue of the branch that came furthest: that is the one that was meant. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const firsts = issue.errors.flatMap((branch) => branch.slice(0, 1)).map(innermost);
  const depth = (candidate: z.core.$ZodIssue): number =>
    candidate.path.length + (candidate.code === 'unrecognized_keys' ? 1 : 0);
  const best = firsts.sort((a, b) => depth(b) - depth(a))[0];
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
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
    case 'record':
      return path.length === 0 ? [] : keysAt(def.valueType, path.slice(1));
    case 'array':
      return path.length === 0 ? [] : keysAt(def.element, path.slice(1));
    default:
      return [];
  }
}
