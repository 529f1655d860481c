import type { IssueStore } from '../adapters/issue-store/issue-store';
import type { ReleaseGate } from '../gates/release-gate';
import type { Tokens } from './tokens';

export type ServeDeps = {
  store: IssueStore;
  gate: ReleaseGate;
  tokens?: Tokens;
  version: string;
  onFault: (reason: string) => void;
};
