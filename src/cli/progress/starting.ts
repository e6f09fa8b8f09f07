/** Nodes that are coming up, each world's own. */
export class StartingNodes {
  readonly #since = new Map<string, number[]>();

  begin(node: string, now: number): void {
    this.#since.set(node, [...(this.#since.get(node) ?? []), now]);
  }

  /** One of them is up. */
  end(node: string): void {
    const [, ...rest] = this.#since.get(node) ?? [];
    if (rest.length > 0) this.#since.set(node, rest);
    else this.#since.delete(node);
  }

  /** What failed to start says so by the set-up errors of its cells alone. */
  giveUp(nodes: readonly string[]): void {
    for (const node of nodes) this.#since.delete(node);
  }

  /** Those that take so long already, the slowest first. */
  slow(now: number, afterMs: number): { readonly node: string; readonly ms: number }[] {
    return [...this.#since]
      .flatMap(([node, [first = now]]) => (now - first >= afterMs ? [{ node, ms: now - first }] : []))
      .sort((a, b) => b.ms - a.ms);
  }
}
