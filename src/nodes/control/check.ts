import { BoltgridError } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import { jsonPath } from '../../core/zod-errors.ts';
import type { ChainManifestData } from '../chain-manifest.ts';
import type { ManifestData } from '../manifest.ts';
import type {
  Access,
  ErrorRule,
  Expression,
  ImageSpec,
  ProgramSection,
  Recipe,
  Step,
} from '../manifest-values.ts';
import { faultsOfExpression, faultsOfTemplate } from './check-names.ts';
import {
  chainProgramNames,
  IMAGE_NAMES,
  paramNames,
  programNames,
  secretNames,
  stepNames,
  TOOL_NAMES,
  type Names,
} from './names.ts';

export interface Fault {
  /** `$.control.peers.steps[0].http` */
  readonly path: string;
  readonly message: string;
}

/**
 * What a schema cannot say: expressions that are no JSONata, regular expressions that are none, templates and expressions that name what
 * there is not, requests by a way that `access` does not give. Nothing is started or evaluated.
 */
export function faultsOfManifest(data: ManifestData): readonly Fault[] {
  const check = new Check();
  check.image(data.image, ['image']);
  if (data.otherVersions) check.regex(data.otherVersions.match, ['otherVersions', 'match']);
  const releases = [
    ...Object.entries(data.versions).map(([name, release]) => ({ release, path: ['versions', name] })),
    ...(data.otherVersions ? [{ release: data.otherVersions, path: ['otherVersions'] }] : []),
  ];
  for (const { release, path } of releases) check.image(release.image, [...path, 'image']);
  if (!('program' in data.run)) return check.faults;
  const { program } = data.run;
  const names = programNames(Object.keys(program.ports), data.needs);
  check.program(program, names, ['run', 'program']);
  check.recipes(data.control, program, names, ['control']);
  for (const { release, path } of releases) {
    check.words(release, names, path);
    check.recipes(release.control ?? {}, program, names, [...path, 'control']);
  }
  for (const [name, profile] of Object.entries(data.profiles))
    check.words(profile, names, ['profiles', name]);
  return check.faults;
}

/** The same for `chain.json`. */
export function faultsOfChainManifest(data: ChainManifestData): readonly Fault[] {
  const check = new Check();
  const names = chainProgramNames(Object.keys(data.program.ports));
  check.image(data.image, ['image']);
  check.program(data.program, names, ['program']);
  for (const [name, release] of Object.entries(data.versions)) {
    check.image(release.image, ['versions', name, 'image']);
    check.words(release, names, ['versions', name]);
  }
  return check.faults;
}

/** Throws `manifest.bad-expression` (user) with every fault. */
export function refuseFaults(file: string, faults: readonly Fault[]): void {
  const [first, ...others] = faults;
  if (first === undefined) return;
  throw new BoltgridError('manifest.bad-expression', 'user', `${file}: ${first.path}: ${first.message}`, {
    ...(others.length > 0 && {
      hint: ['And:', ...others.map(({ path, message }) => `${path}: ${message}`)].join('\n'),
    }),
    details: { file, faults },
  });
}

type Path = readonly PropertyKey[];
type Roots = Readonly<Record<string, Names>>;

interface Words {
  readonly argv?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

class Check {
  readonly faults: Fault[] = [];

  image(image: ImageSpec | undefined, path: Path): void {
    const { pull, build, asserts } = image ?? {};
    if (pull !== undefined) this.#template(pull, IMAGE_NAMES, [...path, 'pull']);
    this.#templates(build?.args, IMAGE_NAMES, [...path, 'build', 'args']);
    this.#templates(build?.prepare?.argv, TOOL_NAMES, [...path, 'build', 'prepare', 'argv']);
    this.#templates(asserts?.argv, IMAGE_NAMES, [...path, 'asserts', 'argv']);
    if (asserts) this.#template(asserts.matches, IMAGE_NAMES, [...path, 'asserts', 'matches']);
  }

  words({ argv, env }: Words, names: Roots, path: Path): void {
    this.#templates(argv, names, [...path, 'argv']);
    this.#templates(env, names, [...path, 'env']);
  }

  program(program: ProgramSection, names: Roots, path: Path): void {
    const { files = {}, secrets = {}, access, ready } = program;
    this.words(program, names, path);
    for (const [name, content] of Object.entries(files)) {
      this.#templates(typeof content === 'string' ? [content] : content, names, [...path, 'files', name]);
    }
    for (const [name, { file }] of Object.entries(secrets)) {
      this.#template(file, names, [...path, 'secrets', name, 'file']);
    }
    if (ready?.log !== undefined) this.regex(ready.log, [...path, 'ready', 'log']);
    if (access)
      this.#access(access, program, { ...names, secrets: secretNames(program) }, [...path, 'access']);
    this.#readiness(ready?.unlock, access, { ...names, secrets: {} }, [...path, 'ready', 'unlock']);
    this.#readiness(ready?.steps, access, { ...names, secrets: secretNames(program) }, [
      ...path,
      'ready',
      'steps',
    ]);
  }

  recipes(
    control: Readonly<Record<string, Recipe | object | string | undefined>>,
    program: ProgramSection,
    names: Roots,
    path: Path,
  ): void {
    const { access } = program;
    for (const [operation, entry] of Object.entries(control)) {
      if (typeof entry !== 'object' || !('steps' in entry)) continue;
      const inSteps = {
        ...names,
        secrets: secretNames(program),
        ...stepNames(paramNames(operation), entry.steps),
      };
      this.#steps(entry.steps, access, inSteps, [...path, operation, 'steps']);
      this.#expression(entry.result, inSteps, [...path, operation, 'result']);
      this.#rules(entry.errors, [...path, operation, 'errors']);
    }
  }

  regex(source: string, path: Path): void {
    try {
      new RegExp(source);
    } catch {
      this.#add(path, 'not a regular expression');
    }
  }

  #access(access: Access, { ports }: ProgramSection, names: Roots, path: Path): void {
    const { http, rpc, exec, errors } = access;
    for (const [way, section] of Object.entries({ http, rpc })) {
      if (!section) continue;
      if (!Object.hasOwn(ports, section.port)) {
        this.#add([...path, way, 'port'], `the program has no port ${JSON.stringify(section.port)}`);
      }
      for (const key of ['user', 'password'] as const) {
        const text = section[key];
        if (text !== undefined) this.#template(text, names, [...path, way, key]);
      }
    }
    this.#templates(http?.headers, names, [...path, 'http', 'headers']);
    if (rpc) this.#template(rpc.path, names, [...path, 'rpc', 'path']);
    this.#templates(exec, names, [...path, 'exec']);
    this.#rules(errors, [...path, 'errors']);
  }

  #readiness(steps: readonly Step[] = [], access: Access | undefined, names: Roots, path: Path): void {
    this.#steps(steps, access, { ...names, ...stepNames({}, steps) }, path);
  }

  #steps(steps: readonly Step[], access: Access | undefined, names: Roots, path: Path): void {
    steps.forEach((step, index) => {
      this.#step(step, access, names, [...path, index]);
    });
  }

  #step(step: Step, access: Access | undefined, names: Roots, path: Path): void {
    const { http, rpc, exec, ignore } = step;
    const guarded = step.when !== undefined;
    this.#ways(step, access, path);
    if (http !== undefined) this.#template(http, names, [...path, 'http'], guarded);
    if (Array.isArray(exec)) this.#templates(exec, names, [...path, 'exec'], guarded);
    else this.#expression(exec?.words, names, [...path, 'exec', 'words']);
    for (const key of ['query', 'body', 'form', 'params', 'when', 'until', 'fail', 'take'] as const) {
      this.#expression(step[key], names, [...path, key]);
    }
    if (ignore !== undefined) this.regex(ignore, [...path, 'ignore']);
    if (http === undefined && rpc === undefined && exec === undefined && step.until !== undefined) {
      this.#add([...path, 'until'], 'nothing is asked here that could change');
    }
  }

  /** Each field of a request belongs to one way of asking, which `access` must give. */
  #ways(step: Step, access: Access | undefined, path: Path): void {
    const { http, rpc } = step;
    if (http !== undefined && !access?.http) this.#add([...path, 'http'], '"access" says nothing of http');
    if (rpc !== undefined && !access?.rpc) this.#add([...path, 'rpc'], '"access" says nothing of rpc');
    for (const key of ['query', 'body', 'form'] as const) {
      if (step[key] !== undefined && http === undefined) this.#add([...path, key], 'this goes with "http"');
    }
    if (step.body !== undefined && step.form !== undefined) {
      this.#add([...path, 'form'], 'a request has a body or a form');
    }
    if (step.answer === 'first-line' && http === undefined) {
      this.#add([...path, 'answer'], '"first-line" goes with "http"');
    }
    if (step.params !== undefined && rpc === undefined)
      this.#add([...path, 'params'], 'this goes with "rpc"');
  }

  #rules(rules: readonly ErrorRule[] | undefined, path: Path): void {
    rules?.forEach(({ match }, index) => {
      this.regex(match, [...path, index, 'match']);
    });
  }

  #templates(
    texts: readonly string[] | Readonly<Record<string, string>> | undefined,
    names: Roots,
    path: Path,
    guarded = false,
  ): void {
    for (const [key, text] of Object.entries(texts ?? {})) {
      this.#template(text, names, [...path, Array.isArray(texts) ? Number(key) : key], guarded);
    }
  }

  #template(text: string, names: Roots, path: Path, guarded = false): void {
    for (const fault of faultsOfTemplate(text, names, guarded)) this.#add(path, fault);
  }

  #expression(expression: Expression | undefined, names: Roots, path: Path): void {
    if (expression === undefined) return;
    for (const fault of faultsOfExpression(expression, names)) this.#add(path, fault);
  }

  #add(path: Path, message: string): void {
    this.faults.push({ path: jsonPath(path), message: cleanText(message, 400) });
  }
}
