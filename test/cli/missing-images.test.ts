import { describe, expect, it } from 'vitest';
import { missingImageLines } from '../../src/cli/missing-images.ts';
import type { MissingImage } from '../../src/matrix/here.ts';
import type { PlannedNode } from '../../src/matrix/plan.ts';

function node(id: string, missing?: MissingImage, cannotRun = 'no image'): PlannedNode {
  const [implementation = '', version = ''] = id.split('@');
  return {
    ...{ id, implementation, version, profile: 'default', manifest: '/node.json' },
    ...(missing && { missing }),
    ...(missing && cannotRun !== '' && { cannotRun }),
  };
}

const lnd = (version: string): MissingImage => ({
  id: `lnd@${version}`,
  pull: `lightninglabs/lnd:v${version}-beta`,
  build: '2 to 4 minutes of two cores for each version',
});

const BITCOIND: MissingImage = { id: 'bitcoind@29.4-knots', pull: 'bitcoin/bitcoin:29.4', build: 'a minute' };

describe('what --pull and --build would add', () => {
  it('counts an image once, with the chain’s, and says what it costs', () => {
    const nodes = [
      node('ldk@0.1.2'),
      node('lnd@0.21.2', lnd('0.21.2')),
      node('lnd@0.21.2+zeroconf', lnd('0.21.2')),
      node('lnd@0.20.2', lnd('0.20.2')),
      node('cln@26.06', { id: 'cln@26.06', pull: 'elementsproject/lightningd:v26.06' }),
    ];
    expect(missingImageLines({ nodes, missingChain: BITCOIND }, 'boltgrid run')).toEqual([
      'images     4 images are not here, for 4 nodes',
      '           boltgrid run --pull fetches 4: lightninglabs/lnd (2 versions), elementsproject/lightningd:v26.06, bitcoin/bitcoin:29.4',
      '           boltgrid run --build makes 3: 2 of lnd (2 to 4 minutes of two cores for each version), bitcoind@29.4-knots (a minute)',
    ]);
  });

  it('is nothing where all that is to run does', () => {
    const embedded = node('ldk@0.1.2', { id: 'ldk@0.1.2', build: 'a minute' }, '');
    expect(missingImageLines({ nodes: [embedded, node('lnd@0.21.2')] }, 'boltgrid run')).toEqual([]);
  });

  it('names what can be had in one way only, and the chain alone', () => {
    const knots = { id: 'bitcoind@29.4-knots', build: 'a minute' };
    expect(missingImageLines({ nodes: [], missingChain: knots }, 'npx boltgrid run')).toEqual([
      'images     1 image is not here',
      '           npx boltgrid run --build makes 1: bitcoind@29.4-knots (a minute)',
    ]);
  });
});
