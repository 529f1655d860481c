/** Why an action is refused. The names are part of the contract. */
export type RefusalCode =
  | 'WrongDigest'
  | 'Expired'
  | 'NotApproved'
  | 'WrongRevision'
  | 'WrongVersion'
  | 'WrongBatch'
  | 'OutOfOrder'
  | 'ExtraHost'
  | 'MissingHost'
  | 'ObservationNotOver'
  | 'NotJudged'
  | 'NoData'
  | 'Breached'
  | 'NoSuchRule'
  | 'ThresholdLoosened'
  | 'NoSuchMitigation'
  | 'HostNotReleased'
  | 'WrongRollbackTarget'
  | 'NothingToRollBack'
  | 'Paused'
  | 'Ended'
  | 'Replayed'
  | 'Frozen'
  | 'UnknownAction';

/**
 * The answer of the guard. `clause` is a JSON pointer (RFC 6901) to the part of the issue that decides;
 * `message` is one sentence for people.
 */
export type Verdict =
  { allowed: true } | { allowed: false; code: RefusalCode; clause: string; message: string };
export type Refusal = Extract<Verdict, { allowed: false }>;

export const ALLOWED: Verdict = Object.freeze({ allowed: true });

export const refuse = (code: RefusalCode, clause: string, message: string): Refusal => ({
  allowed: false,
  code,
  clause,
  message,
});
