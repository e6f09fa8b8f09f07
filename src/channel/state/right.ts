import { BoltgridError } from '../../core/error.ts';
import type { Fault, Message } from './step.ts';

/** What we send is right: anything else is made of it above, by an edit. Throws `channel.wrong-message` (harness). */
export function assertRight(name: Message['name'], faults: readonly Fault[]): void {
  const [first] = faults;
  if (!first) return;
  throw new BoltgridError('channel.wrong-message', 'harness', `our ${name} breaks ${first.requirement}`, {
    hint: 'Choose other values, or edit the message after it is made.',
    details: { faults },
  });
}
