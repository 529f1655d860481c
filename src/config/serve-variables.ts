import { z } from 'zod';
import { HttpUrl } from './variable-types';

export const SERVE_VARIABLES = {
  SERVE_ADDRESS: z
    .string()
    .default('127.0.0.1:8088')
    .refine((text) => /^[^\s:]+:\d{1,5}$/.test(text), 'must be HOST:PORT')
    .describe('`HOST:PORT` where `release-prep serve` listens.'),
  SERVE_TOKENS_FILE: z
    .string()
    .optional()
    .describe(
      'JSON file with the tokens of `release-prep serve` and their roles, read anew when it changes: [gates.md](gates.md#tokens). Unset: no token is needed, and only an address of this machine is allowed.',
    ),
  SERVE_BASE_URL: HttpUrl.optional().describe(
    'Address under which others reach the HTTP API. Set: exports call its gates ([exports.md](exports.md)).',
  ),
};

/** People are told outside of Temporal too. */
export const NOTICE_VARIABLES = {
  WEBHOOK_URL: HttpUrl.optional().describe(
    'Address that gets a [CloudEvent](executor.md#notices) when a release by the reference executor stops for a person, and when it ends. Unset: Temporal alone shows it.',
  ),
  WEBHOOK_SECRET: z
    .string()
    .optional()
    .describe('Key of the HMAC-SHA256 signature in the header `x-release-prep-signature`.'),
};
