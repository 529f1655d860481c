import type { RuleUnit } from '../../domain/metrics';

type Scale = { suffix: string; factor: number };

/** Largest first; the last one also holds everything smaller. Decimal, as `1GB` = 10⁹ bytes. */
const SCALES: Readonly<Record<RuleUnit, readonly Scale[]>> = {
  seconds: [
    { suffix: 's', factor: 1 },
    { suffix: 'ms', factor: 1e-3 },
    { suffix: 'us', factor: 1e-6 },
  ],
  bytes: byteScales(''),
  bytes_per_second: byteScales('/s'),
  ratio: [{ suffix: '%', factor: 0.01 }],
  cores: [{ suffix: '', factor: 1 }],
  per_second: [{ suffix: '/s', factor: 1 }],
  count: [{ suffix: '', factor: 1 }],
};

function byteScales(per: string): Scale[] {
  return [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
    ['B', 1],
  ].map(([suffix, factor]) => ({ suffix: `${suffix}${per}`, factor: Number(factor) }));
}

/** Removes binary rounding noise, so that both forms of a threshold are the same number. */
const clean = (value: number): number => Number(value.toPrecision(12));

/** A level as people write it: `3s`, `1GB`, `0.1%`, `120/s`, `0.9` cores. */
export function formatLevel(value: number, unit: RuleUnit): string {
  const scales = SCALES[unit];
  const fitting = scales.find(({ factor }) => Math.abs(value) >= factor);
  const { suffix, factor } = fitting ?? scales[scales.length - 1] ?? { suffix: '', factor: 1 };
  return `${plain(clean(value / factor))}${suffix}`;
}

/** Undefined when the text is no level of that unit. */
export function parseLevel(text: string, unit: RuleUnit): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)(\D*)$/.exec(text);
  const scale = SCALES[unit].find(({ suffix }) => suffix === match?.[2]);
  return match && scale ? clean(Number(match[1]) * scale.factor) : undefined;
}

/** Digits without an exponent, since people do not write `1e-7`. */
function plain(value: number): string {
  const text = String(value);
  return text.includes('e')
    ? value
        .toFixed(20)
        .replace(/(?<!0)0+$/, '')
        .replace(/\.$/, '')
    : text;
}

export type Rounding = 'up' | 'down' | 'nearest';

/** Rounds to 2 significant digits, so that the compared value is the displayed one. */
export function roundLevel(value: number, rounding: Rounding = 'nearest'): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  const units = clean(value / unit);
  const whole = { up: Math.ceil, down: Math.floor, nearest: Math.round }[rounding](units);
  return clean(whole * unit);
}
