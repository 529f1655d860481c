/** Names and addresses are far shorter; a longer value is not one of them. */
const MAX_TEXT = 2_048;

/** Tags by name, each as text. */
export type Tags = (name: string) => string | null;

/** Reads a record of texts, numbers and booleans; any other value, or a longer text, counts as absent. */
export function tagsOf(record: Readonly<Record<string, unknown>>): Tags {
  return (name) => {
    const value = Object.hasOwn(record, name) ? record[name] : null;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : null;
  };
}
