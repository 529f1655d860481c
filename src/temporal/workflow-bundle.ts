import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** Whether this is the built program: `dist/src/`, and not `src/` (development, tests). */
const IS_BUILT = path.basename(path.resolve(__dirname, '../..')) === 'dist';
const DIST = path.resolve(__dirname, IS_BUILT ? '../..' : '../../dist');

/** Where the build writes the bundles of workflow code. */
export const BUNDLE = {
  releasePrep: path.join(DIST, 'workflow-bundle.js'),
  /** The same workflows; their failures travel as payloads, which can be encrypted. */
  releasePrepEncoded: path.join(DIST, 'workflow-bundle-encoded.js'),
  sandboxExecutor: path.join(DIST, 'sandbox-executor-bundle.js'),
} as const;

/** Whose code a bundle may hold. */
const SOURCES = ['src/workflows', 'src/steps', 'src/guard', 'src/domain', 'sandbox'];
const BUILD_ID_LENGTH = 16;

/** Written next to a bundle by the build; holds what it was built from. */
const Manifest = z.object({ bundle: z.string(), sources: z.string(), sdk: z.string() });
export type Manifest = z.infer<typeof Manifest>;

export const manifestPathOf = (codePath: string): string => `${codePath}.json`;

/** The manifest that a bundle of `code` has in this installation. */
export const manifestOf = (code: string | Buffer): Manifest => ({
  bundle: sha256(code),
  sources: sourcesDigest(),
  sdk: sdkVersion(),
});

/**
 * The bundle's path. Throws, and says how to fix it, when there is none, when it was changed, or when it was built
 * from other code or with another SDK than those that run: a worker never bundles at start, and a flow that differs
 * from the code next to it would fail runs one by one, later.
 */
export function bundleAt(codePath: string): { codePath: string } {
  const broken = faultOf(codePath);
  if (broken !== undefined) throw new Error(`${broken}; run: npm run build`);
  return { codePath };
}

function faultOf(codePath: string): string | undefined {
  const manifestPath = manifestPathOf(codePath);
  if (!existsSync(codePath)) return `no workflow bundle at ${codePath}`;
  if (!existsSync(manifestPath))
    return `the workflow bundle at ${codePath} has no manifest (${manifestPath})`;
  const written = manifestIn(manifestPath);
  const { bundle, sources, sdk } = manifestOf(readFileSync(codePath));
  if (written?.bundle !== bundle)
    return `the workflow bundle at ${codePath} was changed after the build`;
  if (written.sdk !== sdk)
    return `the workflow bundle at ${codePath} was built with SDK ${written.sdk}, but SDK ${sdk} is installed`;
  // Development runs from the TypeScript sources, which nothing was built of.
  if (IS_BUILT && written.sources !== sources)
    return `the workflow bundle at ${codePath} was built from other code than ${DIST}`;
  return undefined;
}

/** A build id that changes only with the flow, so a worker with the same flow continues the same runs. */
export const buildIdOf = (codePath: string): string =>
  sha256(readFileSync(codePath)).slice(0, BUILD_ID_LENGTH);

function sourcesDigest(): string {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    const files = readdirSync(path.join(DIST, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.js')).sort())
      hash.update(`${folder}/${file}\n`).update(readFileSync(path.join(DIST, folder, file)));
  }
  return hash.digest('hex');
}

function manifestIn(file: string): Manifest | undefined {
  try {
    return Manifest.parse(jsonIn(file));
  } catch {
    // A partly written file counts as a changed bundle.
    return undefined;
  }
}

// eslint-disable-next-line no-restricted-syntax -- files that our build wrote
const jsonIn = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const sdkVersion = (): string =>
  z
    .object({ version: z.string() })
    .parse(jsonIn(require.resolve('@temporalio/worker/package.json'))).version;

const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');
