import { plainText } from '../../adapters/terminal/printable';

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text from outside within HTML, in an element or in a quoted attribute that is no address and no script. */
export const htmlText = (text: string): string =>
  plainText(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
