/** One text for several: the parts cannot run into each other, whatever they contain. */
export const keyOf = (...parts: string[]): string => JSON.stringify(parts);
