import { Option } from 'commander';

/** `--json`, the same in every command that has it. */
export const json = (): Option => new Option('--json', 'print JSON');
