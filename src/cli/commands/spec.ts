import type { Command, CommandGroup } from '../command.ts';
import { coverageCommand } from './spec-coverage.ts';
import { checkCommand, indexCommand } from './spec-read.ts';

const spec: CommandGroup = {
  name: 'spec',
  description: 'The requirements of the BOLTs and bLIPs: which there are, and which of them cases judge.',
  commands: [coverageCommand, checkCommand, indexCommand] as readonly Command<never>[],
};

export default spec;
