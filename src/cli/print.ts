import { writeMessage, writeResult } from '../adapters/terminal/output';
import { plainTexts, printableJson } from '../adapters/terminal/printable';

/** stdout is only for results. */
export const print = (text: string): void => writeResult(text.endsWith('\n') ? text : `${text}\n`);

/** A result for people: the texts of the value are made plain, each on one line, before `render` puts them together. */
export const printView = <Value>(value: Value, render: (value: Value) => string): void =>
  print(render(plainTexts(value)));

/** The value exactly; what a terminal would act on is written with JSON's own escapes. */
export const printJson = (value: unknown): void => print(printableJson(value));

/** Progress, warnings and errors on stderr, without the credentials of this process. */
export const tell = (text: string): void => writeMessage(`${text}\n`);
