import { createHash, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { readPlainFile } from '../adapters/files/plain-file';
import { checkShape, parseBoundedJson } from '../adapters/upstream/bounded-json';

export const ROLES = ['read', 'prepare', 'approve', 'execute'] as const;
export type Role = (typeof ROLES)[number];

/** SERVE_TOKENS_FILE: who may do what; only digests of tokens are in it. */
export const TokensFile = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(128),
        sha256: z.string().regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits'),
        roles: z.array(z.enum(ROLES)).min(1),
        /** From then on it is as good as none. */
        expires_at: z.iso.datetime({ offset: true }).optional(),
      }),
    )
    .min(1)
    .max(1_000),
});
type Token = z.infer<typeof TokensFile>['tokens'][number];
export type Caller = { name: string; roles: readonly Role[] };

const MAX_FILE_BYTES = 1024 * 1024;

/** The file is broken or gone; until it is mended nobody is let in. */
export class TokensUnreadable extends Error {
  override readonly name = 'TokensUnreadable';
}

/** The tokens of a file, read anew when it changes. */
export function createTokens(file: string) {
  let known: { version: string; tokens: Token[] } | undefined;
  const current = async (): Promise<Token[]> => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const version = `${mtimeMs}/${size}/${ino}`;
      if (known?.version !== version) known = { version, tokens: await readTokens(file) };
      return known.tokens;
    } catch (error) {
      known = undefined;
      throw new TokensUnreadable(`SERVE_TOKENS_FILE: ${file}: ${(error as Error).message}`);
    }
  };
  return {
    /** Throws TokensUnreadable; used at the start, too. */
    check: async (): Promise<void> => void (await current()),
    /** Who has this token; all are compared, each in constant time. */
    async callerOf(token: string): Promise<Caller | undefined> {
      const given = createHash('sha256').update(token).digest();
      const now = Date.now();
      const matching = (await current()).filter(
        ({ sha256, expires_at: end }) =>
          timingSafeEqual(given, Buffer.from(sha256, 'hex')) &&
          (end === undefined || now < Date.parse(end)),
      );
      const [first] = matching;
      return first && { name: first.name, roles: matching.flatMap(({ roles }) => roles) };
    },
  };
}
export type Tokens = ReturnType<typeof createTokens>;

async function readTokens(file: string): Promise<Token[]> {
  const text = await readPlainFile(file, MAX_FILE_BYTES, { followLinks: true });
  const checked = checkShape(TokensFile, parseBoundedJson(text));
  if (!checked.success) throw new Error(checked.fault);
  return checked.data.tokens;
}
