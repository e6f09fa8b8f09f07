import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { withDeadline } from '../../core/deadline.ts';
import { thisProcess } from '../../core/process-identity.ts';
import type { Engine } from '../../runtime/docker/engine.ts';
import type { ImageInfo, Images } from '../../runtime/docker/images.ts';
import { ProgramLog } from '../../runtime/log.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** The part of the Docker engine that images need. */
export interface ImageEngine {
  readonly images: Pick<Images, 'find' | 'list' | 'pull' | 'build' | 'import' | 'remove'>;
  /** Runs a program in a container of its own, to its end. */
  run(
    reference: string,
    argv: readonly [string, ...string[]],
    signal?: AbortSignal,
  ): Promise<{ readonly code: number | null; readonly output: string }>;
}

/** An image that is on this machine. */
export interface FoundImage {
  readonly reference: string;
  /** Content hash: `sha256:…`. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** The public one, or one that was built here. */
  readonly source: 'public' | 'built';
}

export const found = (
  reference: string,
  { id, sizeBytes }: ImageInfo,
  source: FoundImage['source'],
): FoundImage => ({ reference, digest: id, sizeBytes, source });

export const imageEngine = (engine: Engine): ImageEngine => ({
  images: engine.images,
  run: async (reference, argv, signal) => {
    // As a run of its own, so that it is limited and swept as every other container of ours.
    const scope = await engine.openRun({
      runId: `image-${randomBytes(4).toString('hex')}`,
      owner: thisProcess(),
    });
    try {
      return await runToEnd(scope.runtime(), reference, argv, signal);
    } finally {
      await scope.close();
    }
  },
});

const RUN_MS = 60_000;
const OUTPUT_LIMIT = 64 * 1024;

async function runToEnd(
  runtime: Runtime,
  image: string,
  argv: readonly [string, ...string[]],
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; output: string }> {
  const log = new ProgramLog([]);
  const place = await runtime.place({
    name: 'program',
    ports: {},
    folder: tmpdir(),
    image,
    mount: '/boltgrid',
  });
  const program = await place.start({ argv, env: {}, endsOn: 'signal' }, log);
  const printed = textOf(program.output);
  // That it has ended does not mean that all it printed was read.
  const [{ code }, output] = await withDeadline(
    argv.join(' '),
    RUN_MS,
    () => Promise.all([program.exited, printed]),
    signal,
  );
  return { code, output: [output, ...log.tail(100)].join('\n') };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    if (text.length < OUTPUT_LIMIT) text += (chunk as Buffer).toString('utf8');
  }
  return text;
}
