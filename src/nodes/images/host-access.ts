import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { BoltgridError, messageOf } from '../../core/error.ts';
import { inheritedEnvironment } from '../driver-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How this machine reaches the internet: what builds are told, so that they can, too. */
export interface HostAccess {
  /** PEM file with the certificates that this machine trusts. */
  readonly caBundle: string | undefined;
  /** Proxy variables, as they are set here. */
  readonly proxy: Readonly<Record<string, string>>;
}

export const NO_ACCESS: HostAccess = { caBundle: undefined, proxy: {} };

/** In this order. */
const CA_VARIABLES = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'];
const PROXY_VARIABLES = /^(?:https?|ftp|all|no)_proxy$/i;
/** What Go, Rust and our own preparing programs read, and where programs look for certificates. */
const TOOL_VARIABLES =
  /^(?:GO(?!OGLE)[A-Z0-9_]+|CARGO[A-Z0-9_]*|RUST[A-Z0-9_]*|BOLTGRID_BUILD_CACHE|GIT_SSL_CAINFO|SSL_CERT_DIR|PIP_CERT|NODE_EXTRA_CA_CERTS)$/;

const MAX_BUNDLE_BYTES = 4 * 1024 * 1024;

/**
 * A bundle that is named has to be there; otherwise the one that `SSL_CERT_FILE` or its like name, if any. Throws
 * `image.bad-ca-bundle` (user).
 */
export function hostAccess(env: Environment, cwd: string, caBundle?: string): HostAccess {
  const named = CA_VARIABLES.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  const proxy = pick(env, PROXY_VARIABLES);
  if (caBundle !== undefined) return { caBundle: checkedBundle(resolve(cwd, caBundle)), proxy };
  return { caBundle: named === undefined ? undefined : checkedBundle(resolve(cwd, named)), proxy };
}

function checkedBundle(file: string): string {
  const refuse = (why: string, cause?: unknown): BoltgridError =>
    new BoltgridError('image.bad-ca-bundle', 'user', `${file}: ${why}`, {
      hint: `Name a PEM file with --ca, or set ${CA_VARIABLES[0] ?? ''}.`,
      cause,
    });
  let text: string;
  try {
    if (statSync(file).size > MAX_BUNDLE_BYTES) throw refuse(`more than ${MAX_BUNDLE_BYTES} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof BoltgridError) throw cause;
    throw refuse(`cannot be read (${messageOf(cause)})`, cause);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refuse('holds no certificate in PEM');
  return file;
}

/** What a program of this machine gets that builds or fetches something: nothing else of our environment. */
export function toolEnvironment(env: Environment, { caBundle, proxy }: HostAccess): Record<string, string> {
  const certificates = caBundle === undefined ? [] : CA_VARIABLES.map((name) => [name, caBundle] as const);
  return {
    ...inheritedEnvironment(),
    ...pick(env, TOOL_VARIABLES),
    ...Object.fromEntries(certificates),
    ...proxy,
  };
}

const pick = (env: Environment, names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && names.test(name) ? [[name, value] as const] : [],
    ),
  );
