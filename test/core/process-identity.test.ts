import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identityOf, stateOf, thisProcess } from '../../src/core/process-identity.ts';

test('this process is alive, one that had its id before is dead, of another machine nobody knows', () => {
  const self = thisProcess();
  expect(stateOf(self)).toBe('alive');
  expect(stateOf({ ...self, startTicks: '1' })).toBe('dead');
  expect(stateOf({ ...self, bootId: 'another' })).toBe('dead');
  expect(stateOf({ ...self, host: 'another' })).toBe('unknown');
});

describe.skipIf(process.platform !== 'linux')('a process that has ended', () => {
  test('is dead also while nobody has asked how it ended', async () => {
    // What the shell becomes knows nothing of the child that the shell had.
    const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = identityOf(Number(String(line)));
      await expect.poll(() => readFileSync(`/proc/${child.pid}/stat`, 'utf8')).toMatch(/\) Z /);
      expect(child.startTicks).toMatch(/^\d+$/);
      expect(stateOf(child)).toBe('dead');
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  });
});
