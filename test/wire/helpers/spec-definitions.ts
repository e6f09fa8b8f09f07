import { readdirSync, readFileSync } from 'node:fs';

/** What the text of a BOLT defines, each list of fields in its order as [name, type]. */
export interface SpecDefinitions {
  readonly messages: Map<string, { type: string; data: SpecField[] }>;
  readonly streams: Map<string, Map<string, { type: string; data: SpecField[] }>>;
  readonly subtypes: Map<string, SpecField[]>;
  /** Blocks with fields but no type number: structures within onions. */
  readonly unnumbered: string[];
  /** Lines that look like a field and belong to no block. */
  readonly stray: string[];
}

export type SpecField = [name: string, type: string];

/** Every block of every BOLT in a checkout. */
export function readSpec(folder: string): SpecDefinitions {
  const spec: SpecDefinitions = {
    messages: new Map(),
    streams: new Map(),
    subtypes: new Map(),
    unnumbered: [],
    stray: [],
  };
  for (const file of readdirSync(folder).filter((name) => /^\d\d-.*\.md$/.test(name))) {
    readBlocks(readFileSync(`${folder}/${file}`, 'utf8').split('\n'), spec);
  }
  addExtensions(spec);
  return spec;
}

function readBlocks(lines: readonly string[], spec: SpecDefinitions): void {
  let fields: SpecField[] | undefined;
  let stream: Map<string, { type: string; data: SpecField[] }> | undefined;
  for (const line of lines) {
    const message = /^1\. type: ([A-Z0-9|]+) \(`(\w+)`\)/.exec(line);
    const record = /^\s+1\. type: (\d+) \(`(\w+)`\)/.exec(line);
    const named = /^1\. (`tlv_stream`|subtype|type): `(\w+)`/.exec(line);
    const field = /^\s*\* \[`(.+?)`: ?`(\w+)`\]/.exec(line);
    if (message) {
      fields = [];
      stream = undefined;
      addOnce(spec.messages, message[2], { type: message[1] ?? '', data: fields });
    } else if (record && stream) {
      fields = [];
      addOnce(stream, record[2], { type: record[1] ?? '', data: fields });
    } else if (named?.[1] === '`tlv_stream`') {
      fields = undefined;
      stream = new Map();
      addOnce(spec.streams, named[2], stream);
    } else if (named) {
      fields = [];
      stream = undefined;
      if (named[1] === 'subtype') addOnce(spec.subtypes, named[2], fields);
      else spec.unnumbered.push(named[2] ?? '');
    } else if (line.startsWith('1. data:')) {
      fields = [];
      spec.unnumbered.push('');
    } else if (field) {
      if (fields) fields.push([field[2] ?? '', field[1] ?? '']);
      else spec.stray.push(line.trim());
    } else if (!/^\s*2\. (data|types):/.test(line) && !/^\s*\* (`filler`|\.\.\.)$/.test(line)) {
      // A line of another kind ends the block.
      fields = undefined;
      stream = undefined;
    }
  }
}

function addOnce<T>(map: Map<string, T>, name = '', value: T): void {
  if (map.has(name)) throw new TypeError(`the BOLTs define ${name} twice`);
  map.set(name, value);
}

/** `update_add_htlc` and others have a stream `update_add_htlc_tlvs` that their own list of fields leaves out. */
function addExtensions({ messages, streams }: SpecDefinitions): void {
  const used = new Set([...messages.values()].flatMap(({ data }) => data.map(([, type]) => type)));
  for (const [name, { data }] of messages) {
    const stream = `${name}_tlvs`;
    if (streams.has(stream) && !used.has(stream)) data.push(['tlvs', stream]);
  }
}

export interface SpecFeature {
  readonly name: string;
  readonly bits: string;
  readonly description: string;
  readonly contexts: string[];
  readonly dependencies: string[];
}

/** The table of BOLT 9. */
export function readFeatureTable(folder: string): SpecFeature[] {
  return readFileSync(`${folder}/09-features.md`, 'utf8')
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const [, bits = '', name = '', description = '', contexts = '', dependencies = ''] = line
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', ''));
      return {
        name,
        bits,
        description,
        contexts: contexts.match(/C[-+]?|[IN9BT]/g) ?? [],
        dependencies: dependencies.split(/[, ]+/).filter((word) => word !== ''),
      };
    });
}
