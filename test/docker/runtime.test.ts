import { randomBytes } from 'node:crypto';
import { thisProcess } from '../../src/core/process-identity.ts';
import { runtimeContract } from '../runtime/contract.ts';
import { SHELL_PROGRAMS } from '../runtime/shell-programs.ts';
import { busyboxImage } from './busybox-image.ts';
import { describeWithDocker } from './engine.ts';

describeWithDocker('Docker', (engine) => {
  runtimeContract('containers', async () => {
    const image = await busyboxImage(engine);
    const scope = await engine.openRun({
      runId: `test-${randomBytes(4).toString('hex')}`,
      owner: thisProcess(),
    });
    return {
      runtime: scope.runtime(),
      programs: SHELL_PROGRAMS,
      place: { image, mount: '/data' },
      close: () => scope.close(),
    };
  });
});
