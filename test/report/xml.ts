/** A small strict reader of the XML that we write: throws on anything that is not well-formed. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export function parseXml(source: string): XmlElement {
  if (NOT_XML.test(source)) throw new Error('a character that XML 1.0 cannot hold');
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open: XmlElement[] = [top];
  const token = /<\?xml [^?]*\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|[^<>]+/gy;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    const inner = open.at(-1);
    if (!match || !inner) throw new Error(`not well-formed at ${at}: ${source.slice(at, at + 60)}`);
    const [all, closed, name, attributes = '', single] = match;
    if (closed !== undefined) {
      if (open.pop()?.name !== closed) throw new Error(`</${closed}> closes nothing`);
    } else if (name !== undefined) {
      const element: XmlElement = { name, attributes: readAttributes(attributes), children: [], text: '' };
      inner.children.push(element);
      if (single === '') open.push(element);
    } else if (!all.startsWith('<?')) {
      inner.text += unescape(all);
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || !root || top.children.length !== 1) throw new Error('not one root element');
  return root;
}

const readAttributes = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescape(value)]),
  );

function unescape(text: string): string {
  return text.replace(
    /&(?:#(\d+)|(\w+));|&/g,
    (entity, code: string | undefined, name: string | undefined) => {
      const character = code === undefined ? ENTITIES[name ?? ''] : String.fromCodePoint(Number(code));
      if (character === undefined) throw new Error(`unknown entity ${entity}`);
      return character;
    },
  );
}
