/** Anchors as GitHub gives them to the headings of one document, in order: a repeated one gets `-1`, `-2`. */
export function anchorMaker(): (heading: string) => string {
  const taken = new Map<string, number>();
  return (heading) => {
    const plain = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = plain;
    while (taken.has(anchor)) {
      const count = (taken.get(plain) ?? 0) + 1;
      taken.set(plain, count);
      anchor = `${plain}-${count}`;
    }
    taken.set(anchor, 0);
    return anchor;
  };
}
