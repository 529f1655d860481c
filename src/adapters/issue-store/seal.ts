import { checkShape, DEFAULT_BOUNDS, parseBoundedJson } from '../upstream/bounded-json';
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Issue, type IssueDraft } from '../../domain/issue';
import { UpstreamError } from '../upstream/upstream-error';

/** 20,000 hosts, each in a batch, an expression and a reason; an expression that names 2,000 hosts has 100,000 characters. */
const ISSUE_BOUNDS = { ...DEFAULT_BOUNDS, values: 1_500_000, text: 4 * 1024 * 1024 };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An issue before or after it has its digest. */
type Content = Omit<Issue, 'digest'> & { digest?: string };

/** The canonical JSON (RFC 8785) of the issue without `digest`. */
export function canonicalOf(issue: Content): string {
  const content = Object.fromEntries(Object.entries(issue).filter(([key]) => key !== 'digest'));
  return canonicalize(content) ?? '';
}

/** `sha256:` over the canonical JSON. */
export const digestOf = (issue: Content): string => `sha256:${sha256(canonicalOf(issue))}`;

/** A draft with its revision, id and digest; the id is readable and safe as a file name and a document id. */
export function sealIssue(draft: IssueDraft, revision: number): Issue {
  const issue = { ...draft, issue_id: `${issueFamily(draft)}-r${revision}`, revision };
  return { ...issue, digest: digestOf(issue) };
}

type Family = Pick<Issue, 'service' | 'candidate'>;
/** Hexadecimal digits: 128 bits. */
const HASH_DIGITS = 32;
/** Before 0.2.0: 32 bits, for which another pair with the same hash is found in a second. Such ids stay readable. */
const OLD_HASH_DIGITS = 8;

const familyOf = ({ service, candidate }: Family, digits: number): string =>
  `${slug(service)}-${slug(candidate)}-${sha256(`${service}\0${candidate}`).slice(0, digits)}`;

/** All revisions of one service and candidate share it; the hash keeps names apart that look alike in ASCII. */
export const issueFamily = (of: Family): string => familyOf(of, HASH_DIGITS);
export const oldIssueFamily = (of: Family): string => familyOf(of, OLD_HASH_DIGITS);

/** What the ids of a service's issues begin with; those of others may begin with it, too. */
export const idsOf = (service: string): string => `${slug(service)}-`;

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40) || 'x';

/** The JSON of a stored text. Invalid JSON was cut off or overwritten, so the error is permanent. Throws UpstreamError. */
export function contentOf(text: string, where: string): unknown {
  const broken = (reason: string, cause?: unknown) =>
    new UpstreamError('issue-store', `${where}: ${reason}`, { permanent: true, cause });
  let content: unknown;
  try {
    content = parseBoundedJson(text, ISSUE_BOUNDS);
  } catch (error) {
    throw broken(`no JSON: ${(error as Error).message}`, error);
  }
  if (content === null) throw broken('holds nothing');
  return content;
}

/** What the store adds to a draft. */
const OF_THE_STORE: readonly string[] = ['issue_id', 'revision', 'digest'];

/** Whether a stored issue is the draft and what the store added, and nothing else. */
export function sameContent(stored: Issue, draft: IssueDraft): boolean {
  const kept = Object.entries(stored).filter(([key]) => !OF_THE_STORE.includes(key));
  return canonicalize(Object.fromEntries(kept)) === canonicalize(draft);
}

/** A stored issue, checked: its shape, its id and its digest. Throws UpstreamError if it was changed. */
export function openIssue(issueId: string, stored: unknown): Issue {
  const parsed = checkShape(Issue, stored);
  const broken = (reason: string) =>
    new UpstreamError('issue-store', `${issueId} is not a valid issue: ${reason}`, {
      permanent: true,
    });
  if (!parsed.success) throw broken(parsed.fault);
  if (parsed.data.issue_id !== issueId) throw broken(`it is ${parsed.data.issue_id}`);
  const { revision } = parsed.data;
  const ids = [issueFamily(parsed.data), oldIssueFamily(parsed.data)];
  if (!ids.some((family) => issueId === `${family}-r${revision}`))
    throw broken(`the id is not that of ${parsed.data.service} ${parsed.data.candidate}`);
  if (digestOf(parsed.data) !== parsed.data.digest)
    throw broken('its digest does not fit its content');
  return parsed.data;
}
