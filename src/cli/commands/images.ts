import type { Command, CommandGroup } from '../command.ts';
import { connectImages, type ConnectImages } from '../images/engine.ts';
import { baseCommand } from './images-base.ts';
import { listCommand } from './images-list.ts';
import { buildCommand, pullCommand } from './images-make.ts';

/** The commands around an engine: tests give one of their own. */
export const imagesCommands = (connect: ConnectImages): CommandGroup => ({
  name: 'images',
  description: 'List, pull and build the images that nodes in Docker are run from.',
  commands: [
    listCommand(connect),
    pullCommand(connect),
    buildCommand(connect),
    baseCommand(connect),
  ] as readonly Command<never>[],
});

export default imagesCommands(connectImages);
