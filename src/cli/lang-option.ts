import { Option } from 'commander';
import { LANGUAGES } from './choices';

export const lang = (): Option =>
  new Option(
    '--lang <language>',
    'language of texts; default by LC_ALL, LC_MESSAGES, LANG',
  ).choices(LANGUAGES);
