import { BoltgridError } from '../../core/error.ts';

/** Debian's own names for what `debian:<tag>` images hold; a number or `stable` says nothing that debootstrap knows for sure. */
const PUBLIC_DEBIAN =
  /^(?:(?:docker\.io\/)?library\/)?debian:(?<suite>[a-z]+)(?:-\d{8})?(?:-slim|-backports)?$/;

/** Of a public Debian image: `debian:bookworm-slim` → `bookworm`. */
export const suiteOf = (reference: string): string | undefined =>
  PUBLIC_DEBIAN.exec(reference)?.groups?.suite;

/** What `boltgrid images base <suite>` makes. */
export const ownBase = (suite: string): string => `boltgrid/base:${suite}`;

/** Those that the images of boltgrid start from. */
export const USED_SUITES = ['bookworm', 'trixie', 'sid'] as const;

export function noBase(id: string, base: string, why: string): BoltgridError {
  const suite = suiteOf(base);
  return new BoltgridError('image.no-base', 'setup', `${id} is built on ${base}, which is not here: ${why}`, {
    hint:
      suite === undefined
        ? `Bring it here by: docker pull ${base}; or with docker save and docker load.`
        : `Without a registry: boltgrid images base ${suite}`,
    details: { base },
  });
}
