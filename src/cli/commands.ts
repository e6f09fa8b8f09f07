import type { Command, CommandGroup } from './command.ts';
import clean from './commands/clean.ts';
import diff from './commands/diff.ts';
import doctor from './commands/doctor.ts';
import gate from './commands/gate.ts';
import images from './commands/images.ts';
import list from './commands/list.ts';
import node from './commands/node.ts';
import plan from './commands/plan.ts';
import report from './commands/report.ts';
import run from './commands/run.ts';
import show from './commands/show.ts';
import spec from './commands/spec.ts';

/** In the order of the help. Each command reads its options as the flags that it declares make them. */
export const COMMANDS = [
  run,
  plan,
  list,
  report,
  show,
  gate,
  diff,
  spec,
  images,
  node,
  doctor,
  clean,
] as readonly (Command<never> | CommandGroup)[];
