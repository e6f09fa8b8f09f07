import { isBoltgridError } from '../../core/error.ts';
import { nearest } from '../../core/text.ts';
import type { Expression } from '../manifest-values.ts';
import { compile } from './expression.ts';
import { FUNCTIONS } from './functions.ts';
import type { Names } from './names.ts';
import { namesIn } from './template.ts';

/** JSONata's own, of the version in use (a test compares). */
const BUILT_IN =
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match ' +
  'contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power ' +
  'random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert ' +
  'type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval ' +
  'toMillis fromMillis clone now millis';

export const FUNCTION_NAMES: readonly string[] = [
  ...new Set([...BUILT_IN.split(' '), ...Object.keys(FUNCTIONS)]),
];

/** `$nothing`: the one variable that is never bound, to leave a field out. */
const NOTHING = 'nothing';

type Roots = Readonly<Record<string, Names>>;

/** What is wrong with the names of a template; nothing when it can be filled. `guarded`: done only if something that it names is there. */
export function faultsOfTemplate(text: string, roots: Roots, guarded: boolean): string[] {
  const named = attempt(() => namesIn(text));
  if (typeof named === 'string') return [named];
  return named.flatMap((name) => {
    const found = follow(roots, name.split('.'));
    if (typeof found === 'object') return [`{${name}}: ${unknown(found.key, found.known)}`];
    if (found === 'group') return [`{${name}} is no text`];
    if (found === 'optional' && !guarded) {
      return [`{${name}} may be left out: it takes an expression, or a step with "when"`];
    }
    return [];
  });
}

/** What is wrong with an expression as far as its text shows: syntax, and variables that nobody binds. */
export function faultsOfExpression(expression: Expression, roots: Roots): string[] {
  const program = attempt(() => compile(expression));
  if (typeof program === 'string') return [program];
  const { bound, used } = variablesIn(program.ast());
  bound.add(NOTHING);
  const known = [...Object.keys(roots), ...FUNCTION_NAMES, ...bound];
  const faults = used.flatMap(({ name, fields }) => {
    if (bound.has(name) || FUNCTION_NAMES.includes(name)) return [];
    if (!Object.hasOwn(roots, name)) return [`$${name}: ${unknown(name, known, '$')}`];
    const found = follow(roots, [name, ...fields]);
    return typeof found === 'object'
      ? [`$${[name, ...fields].join('.')}: ${unknown(found.key, found.known)}`]
      : [];
  });
  return [...new Set(faults)];
}

function unknown(key: string, known: readonly string[], mark = ''): string {
  const meant = nearest(key, known);
  return `nothing is called ${JSON.stringify(key)} here${meant === undefined ? '' : `: did you mean "${mark}${meant}"?`}`;
}

type Found = 'known' | 'optional' | 'group' | { readonly key: string; readonly known: readonly string[] };

function follow(roots: Roots, path: readonly string[]): Found {
  let at: Names = roots;
  for (const key of path) {
    if (at === 'any') return 'known';
    if (typeof at === 'string') return { key, known: [] };
    const next: Names | undefined = Object.hasOwn(at, key) ? at[key] : undefined;
    if (next === undefined) return { key, known: Object.keys(at) };
    at = next;
  }
  if (typeof at === 'object') return 'group';
  return at === 'optional' ? 'optional' : 'known';
}

interface Variables {
  readonly bound: Set<string>;
  /** With the fields that follow at once: `$params.publicKey`. */
  readonly used: readonly { readonly name: string; readonly fields: readonly string[] }[];
}

/** JSONata gives nothing for a variable that nobody bound, so that a misspelt one is never an error of its own. */
function variablesIn(ast: unknown): Variables {
  const bound = new Set<string>(['', '$']);
  const used: { name: string; fields: string[] }[] = [];
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const { type, value, steps, lhs, arguments: parameters, focus, index } = node as Record<string, unknown>;
    for (const name of [focus, index]) if (typeof name === 'string') bound.add(name);
    if (type === 'bind') bound.add(nameOf(lhs));
    if (type === 'lambda') for (const parameter of parameters as unknown[]) bound.add(nameOf(parameter));
    if (type === 'variable') used.push({ name: String(value), fields: [] });
    if (type === 'path') {
      const [first, ...rest] = steps as { type: string; value: unknown }[];
      if (first?.type === 'variable') {
        seen.add(first);
        Object.entries(first).forEach(([, part]) => {
          visit(part);
        });
        const end = rest.findIndex((step) => step.type !== 'name');
        const fields = rest.slice(0, end < 0 ? undefined : end).map((step) => String(step.value));
        used.push({ name: String(first.value), fields });
      }
    }
    Object.values(node).forEach(visit);
  };
  visit(ast);
  return { bound, used };
}

const nameOf = (variable: unknown): string => String((variable as { value?: unknown }).value);

function attempt<T extends object>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (isBoltgridError(error)) return error.message;
    throw error;
  }
}
