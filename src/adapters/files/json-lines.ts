import { JsonBoundError } from '../upstream/bounded-json';

/**
 * Lines of JSON, each as soon as it is there. Only a line feed ends one: a string in JSON may hold U+2028, which Node's
 * readline takes for an end too. Throws JsonBoundError for a line that is too long, before it is read whole.
 */
export async function* jsonLines(
  input: AsyncIterable<Buffer | string>,
  maxLength: number,
): AsyncGenerator<{ line: string; number: number }> {
  const decoder = new TextDecoder();
  let number = 1;
  let begun: string[] = [];
  let length = 0;
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const parts = text.split('\n');
    const rest = parts.pop() ?? '';
    for (const part of parts) {
      checkLength(length + part.length);
      yield { line: begun.join('') + part, number };
      number += 1;
      begun = [];
      length = 0;
    }
    begun.push(rest);
    length += rest.length;
    checkLength(length);
  }
  yield { line: begun.join('') + decoder.decode(), number };

  function checkLength(characters: number): void {
    if (characters > maxLength)
      throw new JsonBoundError(`line ${number} is over ${maxLength} characters`);
  }
}
