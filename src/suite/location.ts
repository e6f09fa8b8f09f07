import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN_FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** `suites/bolt01/ping.ts:12` of the nearest frame outside this room, relative to the working folder. */
export function callerLocation(): string {
  const stack = new Error('where').stack ?? '';
  for (const frame of stack.split('\n').slice(1)) {
    const match = /(?:\(|at )((?:file:\/\/)?\/[^()]*):(\d+):\d+\)?$/.exec(frame);
    if (!match) continue;
    const [, where = '', line = ''] = match;
    const path = where.startsWith('file:') ? fileURLToPath(where.replace(/\?.*$/, '')) : where;
    if (!path.startsWith(OWN_FOLDER)) return `${relative(process.cwd(), path)}:${line}`;
  }
  return 'unknown';
}
