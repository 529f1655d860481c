import { colours as colors } from '../../../adapters/terminal/colours';
import { languageOf, textsOf, type Texts } from '../../texts/texts';
import type { TableStyle } from './table';

/** How a result is shown: in which language, and how wide. */
export type View = {
  texts: Texts;
  /** Columns of the terminal; infinite where the output goes elsewhere. */
  width: number;
};

const USUAL_WIDTH = 80;

/** The view that fits this process' stdout; `language` is that of `--lang`. */
export const terminalView = (language?: string): View => ({
  texts: textsOf(languageOf(language)),
  width: process.stdout.isTTY ? process.stdout.columns || USUAL_WIDTH : Infinity,
});

export const tableStyle = ({ width }: View): TableStyle => ({
  width,
  head: colors.bold,
  dim: colors.dim,
});
