import type { ImageEngine } from '../../nodes/images/image-engine.ts';

/** Gives the engine that images are kept by: tests give one of their own. */
export type ConnectImages = () => Promise<ImageEngine>;

/** Throws what connecting throws: `docker.absent` and its like. */
export const connectImages: ConnectImages = async () => {
  const [{ connectEngine }, { imageEngine }] = await Promise.all([
    import('../../runtime/docker/engine.ts'),
    import('../../nodes/images/image-engine.ts'),
  ]);
  return imageEngine(await connectEngine());
};
