/** Seconds of a duration as policies, rules and issues write it: `600s` → 600; NaN for a text without a number. */
export const parseSeconds = (duration: string): number => Number.parseInt(duration, 10);
