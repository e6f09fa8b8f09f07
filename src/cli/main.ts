import { Command as Program, CommanderError, Option } from 'commander';
import { boltgridVersion } from '../core/package.ts';
import type { Command, CommandGroup, OptionSpec } from './command.ts';
import { EXIT } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { CliContext } from './context.ts';
import { failure } from './failure.ts';

/**
 * Runs one command line (without `node` and the script's name) and gives the exit code. Never throws and never ends the
 * process: whatever goes wrong is told on stderr.
 */
export async function main(
  argv: readonly string[],
  context: CliContext,
  commands: readonly (Command<never> | CommandGroup)[] = COMMANDS,
): Promise<number> {
  const outcome = { code: EXIT.ok as number };
  const program = buildProgram(commands, context, outcome);
  try {
    if (argv.length === 0) {
      context.stderr.write(program.helpInformation());
      return EXIT.usage;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return failure(error, context, argv.includes('--verbose'));
  }
}

function buildProgram(
  commands: readonly (Command<never> | CommandGroup)[],
  context: CliContext,
  outcome: { code: number },
): Program {
  const program = new Program('boltgrid')
    .description('Runs real Lightning nodes against the BOLTs and bLIPs, and against each other.')
    .version(boltgridVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('Run with --help to see what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', EXIT_CODES);
  for (const command of commands) {
    if ('run' in command) addCommand(program, command, context, outcome);
    else addGroup(program, command, context, outcome);
  }
  return program;
}

const EXIT_CODES = `
Exit codes (the first that applies): 2 wrong usage, 3 a defect of boltgrid or a suite, 130 cancelled,
1 something red that was not expected or a set-up error, 0 all as expected.`;

function addGroup(
  program: Program,
  { name, description, commands }: CommandGroup,
  context: CliContext,
  outcome: { code: number },
): void {
  const group = program.command(name).description(description).helpCommand(false);
  for (const command of commands) addCommand(group, command, context, outcome);
}

function addCommand(
  program: Program,
  command: Command,
  context: CliContext,
  outcome: { code: number },
): void {
  const sub = program.command(command.name).description(command.description);
  for (const { name, description } of command.args ?? []) sub.argument(name, description);
  for (const option of command.options ?? []) sub.addOption(toOption(option));
  if (!command.options?.some(({ flags }) => flags.includes('--verbose'))) {
    sub.option('--verbose', 'say more, and where errors come from');
  }
  if (command.examples) sub.addHelpText('after', examplesText(command.examples));
  sub.action(async () => {
    outcome.code = await command.run(context, sub.args, sub.opts<never>());
  });
}

function toOption({ flags, description, many, parse, choices }: OptionSpec): Option {
  const option = new Option(flags, many ? `${description} (may be given several times)` : description);
  if (choices) option.choices(choices);
  if (many) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  else if (parse) option.argParser(parse);
  return option;
}

function examplesText(examples: NonNullable<Command['examples']>): string {
  return `\nExamples:\n${examples.map(([line, about]) => `  ${line}\n      ${about}`).join('\n')}`;
}
