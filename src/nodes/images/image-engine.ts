import type { ImageInfo, Images } from '../../runtime/docker/images.ts';

/** The part of the Docker engine that images need. */
export interface ImageEngine {
  readonly images: Pick<Images, 'find' | 'list' | 'pull' | 'build' | 'import' | 'remove'>;
  /** Runs one program in a container of its own, without a network, to its end. */
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
