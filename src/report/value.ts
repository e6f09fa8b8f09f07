/** A value of the journal (expected, got, decoded fields) on one line. Strings that stand alone are shown without quotes. */
export function valueText(value: unknown, limit = 400): string {
  const text = typeof value === 'string' ? value : value === undefined ? '(nothing)' : JSON.stringify(value);
  return cutText(text.replace(/\s*\n\s*/g, ' ⏎ '), limit);
}

export const cutText = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;

/** `0.4 ms`, `812 ms`, `3.4 s`, `12 min 5 s` */
export function durationText(milliseconds: number): string {
  if (milliseconds < 10) return `${Math.round(milliseconds * 10) / 10} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${Math.round(milliseconds / 100) / 10} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.floor((milliseconds % 60_000) / 1000)} s`;
}
