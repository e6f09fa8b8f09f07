import jsonata from 'jsonata';
import { isBoltgridError } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import { operationError } from '../operation-error.ts';
import type { Expression } from '../manifest-values.ts';
import { FUNCTIONS } from './functions.ts';

/** Bounds for an expression that does not end: it would stop every case of the worker. */
const GUARDS = { timeout: 5000, stack: 500 };

const compiled = new Map<string, jsonata.Expression>();

const sourceOf = (expression: Expression): string =>
  typeof expression === 'string' ? expression : expression.join('\n');

/** Compiled once. Throws `node.internal` with line and place of what is no JSONata. */
export function compile(expression: Expression): jsonata.Expression {
  const source = sourceOf(expression);
  const known = compiled.get(source);
  if (known) return known;
  try {
    const fresh = jsonata(source, GUARDS);
    for (const [name, { parameters, call }] of Object.entries(FUNCTIONS)) {
      // `x-` would take the context for a missing argument, and here a missing field must give nothing.
      // JSONata looks at the length of a function that it hands to `$map` or `$reduce`.
      const implementation = Object.defineProperty((...given: unknown[]) => call(...given), 'length', {
        value: parameters,
      });
      fresh.registerFunction(name, implementation, `<${'x'.repeat(parameters)}:x>`);
    }
    compiled.set(source, fresh);
    return fresh;
  } catch (cause) {
    throw broken(source, cause);
  }
}

/**
 * What the expression makes of `input`, as plain JSON; `undefined` for nothing. A BoltgridError of `$fail` comes through; whatever else goes
 * wrong is `node.internal`.
 */
export async function evaluate(
  expression: Expression,
  input: unknown,
  bindings: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const program = compile(expression);
  try {
    return plain((await program.evaluate(input, { ...bindings })) as unknown);
  } catch (cause) {
    if (isBoltgridError(cause)) throw cause;
    throw broken(sourceOf(expression), cause);
  }
}

/** As JSONata's `$boolean` sees it. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function broken(source: string, cause: unknown): Error {
  const { message, position } = cause as { message?: unknown; position?: unknown };
  const why = cleanText(typeof message === 'string' ? message : 'it failed', 300);
  const before = typeof position === 'number' ? source.slice(0, position) : undefined;
  const line = before === undefined ? '' : `, line ${before.split('\n').length}`;
  return operationError('internal', `the expression is at fault${line}: ${why}`, {
    details: { expression: source, ...(typeof position === 'number' && { position }) },
    cause,
  });
}

/** JSONata's sequences carry properties of their own, and its functions are values: only JSON goes on. */
function plain(value: unknown): unknown {
  switch (typeof value) {
    case 'undefined':
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
      if (isPlainObject(value)) {
        const fields = Object.entries(value).map(([key, field]) => [key, plain(field)] as const);
        return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
      }
      break;
    default:
  }
  throw operationError('internal', 'the expression gives a function or a number that JSON has not');
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) return false;
  return prototype === Object.prototype || prototype === null;
}
