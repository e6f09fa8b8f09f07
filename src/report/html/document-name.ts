/** `BOLT 1`, `bLIP 3`, or the word as it is. */
export function documentName(document: string): string {
  const match = /^(bolt|blip)0*(\d+)$/.exec(document);
  return match ? `${match[1] === 'bolt' ? 'BOLT' : 'bLIP'} ${match[2] ?? ''}` : document;
}
