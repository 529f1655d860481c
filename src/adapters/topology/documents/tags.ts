/** Tags by name, each as text. */
export type Tags = (name: string) => string | null;

/** `tags` of whatever shape came: a record of texts, numbers and truth values; anything else has none. */
export function tagsOf(record: Readonly<Record<string, unknown>>): Tags {
  return (name) => {
    const value = Object.hasOwn(record, name) ? record[name] : null;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value !== '' ? value : null;
  };
}
