import { randomInt } from 'node:crypto';
import picocolors from 'picocolors';

/**
 * A colour code of this process carries a number that is new in each process: text from outside cannot know it, so that
 * the writer (output.ts) distinguishes our codes from others. Widths are counted as without colours, since the form is
 * that of any colour code.
 */
const MARK = Array.from({ length: 3 }, () => String(randomInt(1000, 10_000))).join(';');

const NAMES = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;
export type Colours = Record<(typeof NAMES)[number], (text: string) => string>;

/** Colours for text that goes to the terminal through output.ts; without colours, the text as it is. */
export function createColours(enabled: boolean): Colours {
  const painted = picocolors.createColors(enabled);
  return Object.fromEntries(
    NAMES.map((name) => {
      const [open = '', close = ''] = painted[name](' ').split(' ').map(marked);
      return [name, (text: string) => `${open}${text}${close}`];
    }),
  ) as Colours;
}

const marked = (codes: string): string => codes.replace(/(?<=\[)\d+(?=m)/g, `$&;${MARK}`);

/**
 * Whether text for stdout may carry colours: FORCE_COLOR and NO_COLOR decide, else only a terminal gets them. A build
 * server (CI) is not a terminal: what its scripts read from a pipe has to be plain, which picocolors sees otherwise.
 */
export function mayColour(env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return terminal && env['TERM'] !== 'dumb';
}

// eslint-disable-next-line no-restricted-syntax -- what every program on a terminal reads, before it has a configuration
export const colours = createColours(mayColour(process.env, process.stdout.isTTY));

/** The plain form of one of our codes; undefined for any other code. */
export const ownCode = (code: string, mark: string): string | undefined =>
  mark === MARK ? `\u001b[${code}m` : undefined;
