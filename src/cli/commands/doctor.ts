import type { Command } from '../command.ts';
import { EXIT } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { examine, type Finding } from '../doctor/examine.ts';
import { machine, type Machine } from '../doctor/machine.ts';
import { MATRIX_OPTION, type ProjectOptions } from '../project.ts';

interface DoctorOptions extends ProjectOptions {
  readonly json?: true;
}

/** The command around a machine: tests give one of their own. */
export const doctorCommand = (look: () => Promise<Machine>): Command<DoctorOptions> => ({
  name: 'doctor',
  description: 'Say what of the matrix can run on this machine, and what to do about the rest.',
  options: [MATRIX_OPTION, { flags: '--json', description: 'findings[] with state, what, detail and hint' }],
  examples: [['boltgrid doctor', 'before the first run, and when something does not work']],
  async run(context, _, options) {
    const findings = await examine(await look(), context, options);
    const { green, yellow, red, dim } = coloursFor(context.stdout, context.env);
    const word: Record<Finding['state'], string> = {
      ok: green('ok  '),
      warn: yellow('warn'),
      fail: red('fail'),
    };
    if (options.json) printJson(context.stdout, { findings });
    else {
      printLines(
        context.stdout,
        findings.flatMap(({ state, what, detail, hint }) => [
          `${word[state]}  ${what}: ${detail}`,
          ...(hint === undefined ? [] : [dim(`      ${hint}`)]),
        ]),
      );
    }
    return findings.some(({ state }) => state === 'fail') ? EXIT.red : EXIT.ok;
  },
});

export default doctorCommand(machine);
