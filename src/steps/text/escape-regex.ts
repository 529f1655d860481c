/**
 * Text → a regular expression that matches exactly this text. Valid for JavaScript and for RE2, which Prometheus
 * uses; for PromQL the result must still be quoted.
 */
export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
