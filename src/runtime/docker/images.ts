import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { BoltgridError, messageOf } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import { LineSplitter } from '../lines.ts';
import { packFolder } from './context.ts';
import { ask, askGone, dockerError, isAbsent, isBadRequest } from './errors.ts';
import { follow } from './progress.ts';
import type { EngineVersion } from './connect.ts';

export interface ImageInfo {
  /** Content hash: `sha256:…`. */
  readonly id: string;
  readonly sizeBytes: number;
  readonly created: Date;
}

export interface PullProgress {
  readonly status: string;
  readonly layer?: string;
  readonly currentBytes?: number;
  readonly totalBytes?: number;
}

export interface BuildSpec {
  /** The folder that the Dockerfile's paths are relative to. All that is in it is sent. */
  readonly context: string;
  /** Relative to the folder: `Dockerfile` when not given. */
  readonly dockerfile?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly tag: string;
}

const PULL_MS = 60 * 60_000;
const BUILD_MS = 3 * 60 * 60_000;
const LAST_LINES = 25;
const MAX_LINE_BYTES = 16 * 1024;

/** Images by reference (`name:tag`) or content hash. Nothing is ever labelled: containers inherit an image's labels. */
export class Images {
  readonly #docker: Dockerode;
  readonly #version: EngineVersion;

  constructor(docker: Dockerode, version: EngineVersion) {
    this.#docker = docker;
    this.#version = version;
  }

  async find(reference: string): Promise<ImageInfo | undefined> {
    try {
      const found = await ask(`looking for image ${reference}`, () =>
        this.#docker.getImage(reference).inspect(),
      );
      return { id: found.Id, sizeBytes: found.Size, created: new Date(found.Created) };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** Those whose reference begins so: `boltgrid/`. */
  async list(prefix: string): Promise<readonly (ImageInfo & { readonly reference: string })[]> {
    const all = await ask('listing images', () => this.#docker.listImages());
    return all.flatMap(({ Id, Size, Created, RepoTags }) =>
      (RepoTags ?? [])
        .filter((reference) => reference.startsWith(prefix))
        .map((reference) => ({ reference, id: Id, sizeBytes: Size, created: new Date(Created * 1000) })),
    );
  }

  /** With the user's own credentials. Throws `docker.cannot-pull`, `docker.disk-full`, what aborted it. */
  async pull(
    reference: string,
    { onProgress, signal }: { onProgress?: (progress: PullProgress) => void; signal?: AbortSignal } = {},
  ): Promise<ImageInfo> {
    const failure = await ask(
      `pulling ${reference}`,
      (abortSignal) => this.#pull(reference, abortSignal, onProgress),
      {
        ms: PULL_MS,
        signal,
      },
    ).catch((error: unknown) => {
      if (signal?.aborted === true) throw error;
      throw cannotPull(reference, error);
    });
    if (failure !== undefined) throw cannotPull(reference, dockerError(`pulling ${reference}`, failure));
    return this.#mustBe(reference);
  }

  /**
   * Builds with the engine's own builder, classic or BuildKit. `onProgress` gets its lines. Throws `docker.build-failed` (with its last
   * lines), `docker.disk-full`, `docker.no-such-image` for the base, what aborted it.
   */
  async build(
    spec: BuildSpec,
    { onProgress, signal }: { onProgress?: (line: string) => void; signal?: AbortSignal } = {},
  ): Promise<ImageInfo> {
    const last: string[] = [];
    const onLine = (line: string): void => {
      const clean = cleanText(line, 2000);
      last.push(clean);
      if (last.length > LAST_LINES) last.shift();
      onProgress?.(clean);
    };
    const failure = await ask(
      `building ${spec.tag}`,
      (abortSignal) => this.#build(spec, abortSignal, onLine),
      {
        ms: BUILD_MS,
        signal,
      },
    ).catch((error: unknown) => {
      // A Dockerfile that cannot be read is answered at once.
      if (signal?.aborted === true || !isBadRequest(error)) throw error;
      return messageOf(error);
    });
    if (failure !== undefined) throw buildFailed(spec.tag, failure, last);
    return this.#mustBe(spec.tag);
  }

  /** Makes an image of one layer from a tar of its files. `changes` are Dockerfile instructions: `ENV PATH=/bin`. */
  async import(
    tar: Readable,
    tag: string,
    changes: readonly string[] = [],
    signal?: AbortSignal,
  ): Promise<ImageInfo> {
    const failure = await ask(
      `importing ${tag}`,
      async (abortSignal) => {
        const options = { repo: tag, ...(changes.length > 0 && { changes: [...changes] }), abortSignal };
        return follow(await this.#docker.importImage(tar, options), () => undefined);
      },
      { ms: PULL_MS, signal },
    );
    if (failure !== undefined) throw dockerError(`importing ${tag}`, failure);
    return this.#mustBe(tag);
  }

  /** Idempotent. `docker.failed` while a container uses it. */
  async remove(reference: string): Promise<void> {
    await askGone(`removing image ${reference}`, () => this.#docker.getImage(reference).remove());
  }

  async #pull(
    reference: string,
    abortSignal: AbortSignal,
    onProgress: ((progress: PullProgress) => void) | undefined,
  ): Promise<string | undefined> {
    const { getAuthConfig, ImageName } = await import('testcontainers/build/container-runtime/index.js');
    const name = ImageName.fromString(reference);
    const authconfig = await getAuthConfig(name.registry ?? 'https://index.docker.io/v1/');
    const answer = await this.#docker.pull(name.string, { ...(authconfig && { authconfig }), abortSignal });
    return follow(answer, ({ status, id, progressDetail }) => {
      if (status === undefined) return;
      onProgress?.({
        status: cleanText(status, 200),
        ...(id !== undefined && { layer: cleanText(id, 100) }),
        ...(progressDetail?.current !== undefined && { currentBytes: progressDetail.current }),
        ...(progressDetail?.total !== undefined && { totalBytes: progressDetail.total }),
      });
    });
  }

  async #build(
    { context, dockerfile = 'Dockerfile', args = {}, tag }: BuildSpec,
    abortSignal: AbortSignal,
    onLine: (line: string) => void,
  ): Promise<string | undefined> {
    const lines = new LineSplitter(MAX_LINE_BYTES, onLine, onLine);
    const answer = await this.#docker.buildImage(await packFolder(context), {
      t: tag,
      dockerfile,
      buildargs: { ...args },
      rm: true,
      forcerm: true,
      version: this.#version.builder === 'buildkit' ? '2' : '1',
      abortSignal,
    });
    const failure = await follow(answer, ({ stream }) => {
      if (stream !== undefined) lines.push(Buffer.from(stream));
    });
    lines.end();
    return failure;
  }

  async #mustBe(reference: string): Promise<ImageInfo> {
    const found = await this.find(reference);
    if (found) return found;
    throw new BoltgridError(
      'docker.no-such-image',
      'setup',
      `${reference} is not there, though Docker told of no failure`,
    );
  }
}

function cannotPull(reference: string, error: unknown): BoltgridError {
  const cause = dockerError(`pulling ${reference}`, error);
  if (!['docker.failed', 'docker.no-such-image', 'runtime.deadline'].includes(cause.code)) return cause;
  return new BoltgridError('docker.cannot-pull', 'setup', `cannot pull ${reference}: ${cause.message}`, {
    hint: 'Is the name right, the registry reachable, and are you logged in (`docker login`)? `boltgrid images build` makes images without a registry.',
    cause,
  });
}

function buildFailed(tag: string, failure: string, last: readonly string[]): BoltgridError {
  const cause = dockerError(`building ${tag}`, failure);
  if (cause.code !== 'docker.failed') return cause;
  return new BoltgridError(
    'docker.build-failed',
    'setup',
    `building ${tag} failed: ${cleanText(failure, 1000)}`,
    {
      hint: last.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${last.join('\n')}`,
      details: { lines: last },
      cause,
    },
  );
}
