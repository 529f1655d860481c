const UNIT_MS: Record<string, number> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** The window in epoch milliseconds; config.ts has checked the text. */
export function windowAt(text: string, now: Date): { from: number; to: number } {
  const [from, to] = text.split('/');
  if (from !== undefined && to !== undefined) return { from: Date.parse(from), to: Date.parse(to) };
  const length = Number.parseInt(text, 10) * (UNIT_MS[text.slice(-1)] ?? 3.6e6);
  return { from: now.getTime() - length, to: now.getTime() };
}
