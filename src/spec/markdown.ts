import { anchorMaker } from './anchor.ts';
import { isLead, plainText, shownText } from './text.ts';

/** A paragraph or a list item, with the items below it. A paragraph that ends in a colon owns the list after it. */
export interface Block {
  readonly kind: 'paragraph' | 'item';
  /** As written, on one line. */
  text: string;
  readonly children: Block[];
}

export interface Section {
  /** Headings from the document's title down, as written. */
  readonly headings: readonly string[];
  /** The anchor that GitHub gives to the last heading. */
  readonly anchor: string;
  readonly blocks: Block[];
}

const FENCE = /^\s*(```+|~~~+)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
/** In BOLT 7 and 8 it is a heading of the first level, with the whole text below it. */
const CONTENTS = /^table of contents$/i;
const ITEM = /^(\s*)([-*+]|(\d{1,9})[.)])(\s+)(\S.*)$/;
// Tables, quotes (remarks, in the bLIPs), lines of HTML, link definitions and rules hold no requirement.
const IGNORED = /^\s*(\||>|<[a-z/!][^>]*>\s*$|\[[^\]]+\]:\s|([-*_])(\s*\2){2,}\s*$)/i;

/** The sections of a document that is written as the BOLTs and bLIPs are. Code, tables and quotes are left out. */
export function parseMarkdown(source: string): Section[] {
  const parser = new Parser(documentTitle(source));
  for (const line of withoutComments(source).split('\n')) parser.line(expandTabs(line.trimEnd()));
  return parser.sections;
}

/** A bLIP has its title in a preamble instead of a heading. */
function documentTitle(source: string): string | undefined {
  return /^```\n(?:.*\n)*?Title: *(.+)\n/.exec(source.replaceAll('\r', ''))?.[1];
}

const withoutComments = (source: string): string =>
  source.replaceAll('\r', '').replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''));

/** Tabs reach to the next multiple of four columns, as in CommonMark. */
function expandTabs(line: string): string {
  let out = '';
  for (const character of line) out += character === '\t' ? ' '.repeat(4 - (out.length % 4)) : character;
  return out;
}

interface Container {
  /** Column at which the content of the item starts: deeper lines belong to it. */
  readonly column: number;
  readonly block: Block;
}

class Parser {
  readonly sections: Section[] = [];
  readonly #anchor = anchorMaker();
  readonly #headings: { level: number; text: string }[];
  #items: Container[] = [];
  /** The block that a further line continues. */
  #open: Block | undefined;
  #fence: string | undefined;

  constructor(title: string | undefined) {
    this.#headings = title === undefined ? [] : [{ level: 0, text: title.trim() }];
  }

  line(line: string): void {
    if (this.#skipFence(line)) return;
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    if (heading) this.#startSection(heading[1] ?? '', heading[2] ?? '');
    else if (line.trim() === '' || IGNORED.test(line)) this.#open = undefined;
    else if (item && this.#startsItem(item[3])) this.#startItem(item);
    else if (this.#open) this.#open.text += ` ${line.trim()}`;
    else this.#startParagraph(line);
  }

  #skipFence(line: string): boolean {
    const mark = FENCE.exec(line)?.[1];
    if (this.#fence !== undefined) {
      if (mark?.startsWith(this.#fence)) this.#fence = undefined;
      return true;
    }
    if (mark === undefined) return false;
    this.#fence = mark;
    this.#open = undefined;
    return true;
  }

  #startSection(marks: string, text: string): void {
    // The first heading is the title, which stands above all: several BOLTs go on with headings of its level.
    const level = this.#headings.length === 0 ? 0 : marks.length;
    while ((this.#headings.at(-1)?.level ?? -1) >= level) this.#headings.pop();
    const heading = { level, text: shownText(text) };
    this.sections.push({
      headings: [...this.#headings, heading].map((above) => above.text),
      anchor: this.#anchor(plainText(text)),
      blocks: [],
    });
    if (!CONTENTS.test(heading.text)) this.#headings.push(heading);
    this.#items = [];
    this.#open = undefined;
  }

  /** A number that opens a line in running text is no list, unless it is 1 (CommonMark 5.2). */
  #startsItem(number: string | undefined): boolean {
    return number === undefined || this.#open?.kind !== 'paragraph' || Number(number) === 1;
  }

  #startItem([, indent = '', mark = '', , gap = '', text = '']: RegExpExecArray): void {
    this.#leaveItems(indent.length);
    const block: Block = { kind: 'item', text, children: [] };
    this.#listOwner().push(block);
    const column = indent.length + mark.length + (gap.length > 4 ? 1 : gap.length);
    this.#items.push({ column, block });
    this.#open = block;
  }

  #startParagraph(line: string): void {
    const indent = line.length - line.trimStart().length;
    this.#leaveItems(indent);
    if (indent >= (this.#items.at(-1)?.column ?? 0) + 4) return; // indented code
    const block: Block = { kind: 'paragraph', text: line.trim(), children: [] };
    this.#container().push(block);
    this.#open = block;
  }

  #leaveItems(indent: number): void {
    while ((this.#items.at(-1)?.column ?? -1) > indent) this.#items.pop();
  }

  /** Blocks of the innermost open item, else of the section; text before the first heading is dropped. */
  #container(): Block[] {
    return this.#items.at(-1)?.block.children ?? this.sections.at(-1)?.blocks ?? [];
  }

  #listOwner(): Block[] {
    const container = this.#container();
    const last = container.at(-1);
    return last?.kind === 'paragraph' && isLead(last.text) ? last.children : container;
  }
}
