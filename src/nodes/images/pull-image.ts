import { BoltgridError, isBoltgridError, messageOf } from '../../core/error.ts';
import type { ImageInfo, PullProgress } from '../../runtime/docker/images.ts';
import { found, type FoundImage, type ImageEngine } from './image-engine.ts';
import { publicReference, type ImagePlan } from './image-plan.ts';
import { throwIfCancelled } from './run-tool.ts';

export interface PullOptions {
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How long a registry may be silent before it is taken for unreachable. */
const FIRST_ANSWER_MS = 20_000;

/** Pulls the public image. Throws `image.not-public` (user), `image.registry-unreachable`, and what pulling throws. */
export async function pullImage(
  plan: ImagePlan,
  engine: Pick<ImageEngine, 'images'>,
  options: PullOptions,
): Promise<FoundImage> {
  const reference = publicReference(plan);
  if (reference === undefined) {
    throw new BoltgridError('image.not-public', 'user', `${plan.id} has no public image`, {
      hint: `boltgrid images build ${plan.id}`,
    });
  }
  return found(reference, await pull(reference, engine, options), 'public');
}

/** Registry → why it cannot be reached: what failed once is not waited for again by this process. */
const unreachable = new WeakMap<Pick<ImageEngine, 'images'>, Map<string, BoltgridError>>();

/** Throws `image.registry-unreachable` at once when this registry was found so before. */
export async function pull(
  reference: string,
  engine: Pick<ImageEngine, 'images'>,
  { onLine, signal }: PullOptions,
): Promise<ImageInfo> {
  throwIfCancelled(signal);
  const known = unreachable.get(engine) ?? new Map<string, BoltgridError>();
  unreachable.set(engine, known);
  const registry = registryOf(reference);
  const before = known.get(registry);
  if (before) throw before;
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort();
  }, FIRST_ANSWER_MS);
  try {
    return await engine.images.pull(reference, {
      signal: AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]),
      onProgress: (progress) => {
        clearTimeout(timer);
        onLine(lineOf(progress));
      },
    });
  } catch (error) {
    throwIfCancelled(signal);
    if (!silence.signal.aborted && !isUnreachable(error)) throw error;
    const failure = registryUnreachable(registry, silence.signal.aborted ? undefined : error);
    known.set(registry, failure);
    throw failure;
  } finally {
    clearTimeout(timer);
  }
}

/** The host before the first `/`, where it is one; Docker Hub otherwise. */
function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

const NETWORK_FAULTS =
  /no such host|dial tcp|i\/o timeout|timeout exceeded|connection refused|network is unreachable|proxyconnect|x509|tls: |toomanyrequests|server misbehaving|: EOF/i;

const isUnreachable = (error: unknown): boolean =>
  isBoltgridError(error) && error.code === 'docker.cannot-pull' && NETWORK_FAULTS.test(error.message);

function registryUnreachable(registry: string, cause: unknown): BoltgridError {
  const why = cause === undefined ? `no answer within ${FIRST_ANSWER_MS / 1000} s` : messageOf(cause);
  return new BoltgridError(
    'image.registry-unreachable',
    'setup',
    `nothing can be pulled from ${registry}: ${why}`,
    { hint: 'boltgrid images build makes images without a registry.', cause },
  );
}

function lineOf({ status, layer, currentBytes, totalBytes }: PullProgress): string {
  const part =
    currentBytes === undefined || totalBytes === undefined
      ? ''
      : ` ${Math.floor((100 * currentBytes) / Math.max(1, totalBytes))} %`;
  return `${layer === undefined ? '' : `${layer}: `}${status}${part}`;
}
