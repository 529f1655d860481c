import { existsSync } from 'node:fs';
import path from 'node:path';

/** `dist/`, seen from `src/` (development, tests) and from `dist/src/` (built). */
const DIST = path.basename(path.dirname(__dirname)) === 'dist' ? '..' : '../dist';

/** Where the build writes the bundles of workflow code. */
export const BUNDLE = {
  releasePrep: path.resolve(__dirname, DIST, 'workflow-bundle.js'),
  /** The same workflows; their failures travel as payloads, which can be encrypted. */
  releasePrepEncoded: path.resolve(__dirname, DIST, 'workflow-bundle-encoded.js'),
  sandboxExecutor: path.resolve(__dirname, DIST, 'sandbox-executor-bundle.js'),
} as const;

/** The bundle's path, or an error that says how to have it: a worker never bundles at start. */
export function bundleAt(codePath: string): { codePath: string } {
  if (existsSync(codePath)) return { codePath };
  throw new Error(`no workflow bundle at ${codePath}; run: npm run build`);
}
