const DIGITS = 4;
const COMPACT = new Intl.NumberFormat('en', {
  notation: 'compact',
  maximumSignificantDigits: DIGITS,
});

/** Short enough for a column: `640M`, `0.5634`; `–` where there is no value. */
export function numberText(value: number | string | null): string {
  if (value === null) return '–';
  const number = Number(value);
  return Number.isFinite(number) ? COMPACT.format(number) : String(value);
}
