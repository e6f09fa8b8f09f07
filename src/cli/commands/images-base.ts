import type { ImageEngine } from '../../nodes/images/image-engine.ts';
import type { MakeBaseOptions } from '../../nodes/images/make-base.ts';
import type { Command } from '../command.ts';
import type { ConnectImages } from '../images/engine.ts';
import type { ImageJob } from '../images/jobs.ts';
import { exitCodeOf } from '../images/jobs.ts';
import { accessOf, MAKE_OPTIONS, makeImages, type MakeOptions } from '../images/options.ts';

interface BaseOptions extends MakeOptions {
  readonly mirror?: string;
  readonly staleMirror?: true;
}

export const baseCommand = (connect: ConnectImages): Command<BaseOptions> => ({
  name: 'base',
  description: 'Make Debian base images with debootstrap, for machines that cannot pull them.',
  args: [{ name: '[suites...]', description: 'bookworm, trixie, sid (all three)' }],
  options: [
    { flags: '--mirror <url>', description: "of Debian (that of this machine's apt, or debootstrap's own)" },
    {
      flags: '--stale-mirror',
      description: 'apt in the image takes lists that have expired (found out when not given)',
    },
    ...MAKE_OPTIONS,
    {
      flags: '--ca <file>',
      description:
        'certificates that the image is to trust, as PEM; all that is built on it trusts them, too',
    },
  ],
  examples: [
    ['boltgrid images base', 'all that the images of boltgrid are built on'],
    ['boltgrid images base bookworm sid', 'boltgrid/base:bookworm and boltgrid/base:sid, 120 MB each'],
  ],
  async run(context, suites, options) {
    const access = await accessOf(context, options);
    const { USED_SUITES } = await import('../../nodes/images/base-image.ts');
    const engine = await connect();
    const made = {
      access,
      mirror: options.mirror,
      staleMirror: options.staleMirror,
      // Only what is asked for in so many words becomes a part of images.
      caBundle: options.ca === undefined ? undefined : access.caBundle,
      force: options.force === true,
    };
    const wanted = new Set<string>(suites.length > 0 ? suites : USED_SUITES);
    const jobs = [...wanted].map((suite) => baseJob(suite, engine, made));
    return exitCodeOf(await makeImages(jobs, context, options));
  },
});

const baseJob = (
  suite: string,
  engine: ImageEngine,
  { force, ...options }: Omit<MakeBaseOptions, 'onLine' | 'signal'> & { force: boolean },
): ImageJob => ({
  id: suite,
  run: async (onLine, signal) => {
    const [{ makeBase }, { ownBase }] = await Promise.all([
      import('../../nodes/images/make-base.ts'),
      import('../../nodes/images/base-image.ts'),
    ]);
    const reference = ownBase(suite);
    const here = force ? undefined : await engine.images.find(reference);
    if (here) return { outcome: 'present', reference, sizeBytes: here.sizeBytes };
    const { sizeBytes } = await makeBase(suite, engine, { ...options, onLine, signal });
    return { outcome: 'made', reference, sizeBytes };
  },
});
