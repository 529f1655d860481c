/** One text for several: the parts cannot run into each other, whatever they contain. */
export function keyOf(...parts: string[]): string {
  let key = '';
  for (const part of parts) key += `${part.length}:${part}`;
  return key;
}
