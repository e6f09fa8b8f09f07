/**
 * Whether a path-like id matches a pattern: `*` stands for any text within one path segment, `**` for any text; everything else,
 * brackets too, stands for itself. `bolt01/*`, `bolt01/ping#*`, `**[largest]`.
 */
export function matchesPattern(pattern: string, id: string): boolean {
  const source = pattern
    .split(/(\*+)/)
    .map((part) =>
      part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`, 'su').test(id);
}
