import { z } from 'zod';
import { OPERATION_ERRORS } from './operations.ts';

/**
 * Parts that manifests of nodes (`node.json`) and chains (`chain.json`) share.
 *
 * A *template* is text in which `{name}` or `{name.field}` stands for a value; `{{` is a brace. An *expression* is JSONata
 * (https://docs.jsonata.org), in one text or in lines. What both may name: src/nodes/control/values.ts.
 */
export const template = z.string();
export const argv = z.tuple([template], template);
const expression = z.union([z.string().min(1), z.array(z.string()).min(1)]);

export const implementationName = z.string().regex(/^[a-z][a-z0-9-]*$/);
export const versionName = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]*$/);
export const profileName = z.string().regex(/^[a-z][a-z0-9-]*$/);
const portName = z.string().regex(/^[a-z][a-z0-9-]*$/);
const port = z.number().int().min(1).max(65_535);
export const environment = z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), template);
export const settings = z.record(z.string(), z.json());

/** How an image is made where the public one cannot be had. */
const build = z.strictObject({
  /** Folder of the Dockerfile and all that it copies, relative to the manifest. */
  context: z.string().default('.'),
  dockerfile: z.string().default('Dockerfile'),
  /** The public image that the Dockerfile starts from; handed over as the build argument BASE. */
  base: z.string().optional(),
  args: z.record(z.string().regex(/^[A-Z_][A-Z0-9_]*$/), template).optional(),
  /**
   * Run on this machine before: it gets a copy of the context as its working directory and leaves there what the Dockerfile copies.
   * `tools` are the programs that it needs (`go`, `cargo`).
   */
  prepare: z.strictObject({ argv, tools: z.array(z.string()).default([]) }).optional(),
  /** What it costs, for people: `3 minutes of two cores`. */
  cost: z.string().max(100),
});

export const image = z
  .strictObject({
    /** Public image. */
    pull: template.optional(),
    build: build.optional(),
    /** Run in a container of a newly built image: its output must match, so that the version is what the name says. */
    asserts: z.strictObject({ argv, matches: template }).optional(),
  })
  .refine(({ pull, build: built }) => pull !== undefined || built !== undefined, 'neither pull nor build');

export const limits = z.strictObject({
  memoryMb: z.number().int().min(16).optional(),
  cpus: z.number().positive().optional(),
  pids: z.number().int().min(1).optional(),
  capabilities: z.array(z.string().regex(/^[A-Z_]+$/)).optional(),
});

/** One thing that is asked of the program, over what `access` says. */
const request = {
  /** `GET /v1/getinfo`; templates in it are URL-encoded. `body`: JSON. `form`: an object, sent urlencoded. */
  http: z
    .string()
    .regex(/^(GET|POST|PUT|PATCH|DELETE) \//)
    .optional(),
  query: expression.optional(),
  body: expression.optional(),
  form: expression.optional(),
  /** A JSON-RPC method; `params` is its array or object. */
  rpc: z.string().optional(),
  params: expression.optional(),
  /** Words after those of `access.exec`; or an expression that gives them. */
  exec: z.union([z.array(template), z.strictObject({ words: expression })]).optional(),
  /**
   * How the answer is read: one JSON value (the default), the last of several JSON lines, the first one (HTTP only: the rest is not waited
   * for), or text.
   */
  answer: z.enum(['json', 'first-line', 'last-line', 'text']).optional(),
} as const;

const errorRule = z.strictObject({
  /** A regular expression over the program's error text (any case). */
  match: z.string(),
  code: z.enum(OPERATION_ERRORS),
});

export const step = z
  .strictObject({
    ...request,
    /** Keeps the answer as `$got.<name>`. */
    as: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9]*$/)
      .optional(),
    /** Left out when false. */
    when: expression.optional(),
    /** Asked again, until it is true of the answer. */
    until: expression.optional(),
    /** Between two attempts. */
    everyMs: z.number().int().min(10).max(10_000).optional(),
    /** Error texts that are as good as an answer (a regular expression); the answer is then nothing. */
    ignore: z.string().optional(),
    /** True of an answer that is a refusal: gives `{ "code", "message" }`. */
    fail: expression.optional(),
    /** What goes on in place of the answer: `{got.<as>.<field>}` in a later path. */
    take: expression.optional(),
  })
  .refine(
    ({ http, rpc, exec }) => [http, rpc, exec].filter((way) => way !== undefined).length <= 1,
    'http, rpc and exec exclude each other',
  );

/** Steps one after the other, then `result` over the last answer (`{}` when not given). */
export const recipe = z.strictObject({
  steps: z.array(step).min(1),
  result: expression.optional(),
  errors: z.array(errorRule).optional(),
});

export const access = z.strictObject({
  http: z
    .strictObject({
      port: portName,
      /** `self-signed`: TLS whose certificate is not checked (it is on loopback, and made by the program itself). */
      tls: z.enum(['none', 'self-signed']).default('none'),
      headers: z.record(z.string(), template).optional(),
      user: template.optional(),
      password: template.optional(),
    })
    .optional(),
  rpc: z
    .strictObject({
      port: portName,
      path: z.string().default('/'),
      user: template,
      password: template,
    })
    .optional(),
  /** The first words of every `exec`. */
  exec: argv.optional(),
  /** Error texts → error codes, in order; what matches none is `rejected`. */
  errors: z.array(errorRule).default([]),
});

/** A program that is no driver. */
export const program = z.strictObject({
  argv,
  env: environment.optional(),
  /** Where it listens in a container, by name; `p2p` is the one for peers. A process gets free ports of this machine. */
  ports: z.record(portName, port),
  /** Written into the volume before the first start: path relative to it → lines. */
  files: z.record(z.string(), z.union([template, z.array(template)])).optional(),
  /** Files that the program makes, read once it is ready to answer: `{secrets.<name>}`. Relative to the volume. */
  secrets: z
    .record(z.string(), z.strictObject({ file: template, as: z.enum(['text', 'hex', 'base64']) }))
    .optional(),
  access: access.optional(),
  /** After each start, until it can be used. Errors of its steps mean "not yet". */
  ready: z
    .strictObject({
      /** A line of its log (a regular expression). */
      log: z.string().optional(),
      /** Before there are secrets, without the headers that name one: to make or unlock a wallet. */
      unlock: z.array(step).optional(),
      steps: z.array(step).optional(),
    })
    .optional(),
});

export type ImageSpec = z.output<typeof image>;
export type BuildSpec = z.output<typeof build>;
export type ProgramSection = z.output<typeof program>;
export type Access = z.output<typeof access>;
export type Recipe = z.output<typeof recipe>;
export type Step = z.output<typeof step>;
export type ErrorRule = z.output<typeof errorRule>;
export type Expression = z.output<typeof expression>;
