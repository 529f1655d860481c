const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970 of an RFC 3339 time; NaN for anything else. */
export const millisecondsOf = (time: unknown): number =>
  typeof time === 'string' && time.length <= 40 && RFC_3339.test(time) ? Date.parse(time) : NaN;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds of a Prometheus duration, such as `120s` or `1h30m`; NaN for anything else. */
export function durationOf(text: unknown): number {
  if (typeof text !== 'string' || text === '' || text.length > 40) return NaN;
  let total = 0;
  let rest = text;
  while (rest !== '') {
    const part = /^(\d{1,12})(ms|[smhdwy])/.exec(rest);
    if (part === null) return NaN;
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ''] ?? NaN);
    rest = rest.slice(part[0].length);
  }
  return total;
}

/** `80 s` or `90 min`, rounded up, for sentences. */
export const durationText = (ms: number): string =>
  ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`;
