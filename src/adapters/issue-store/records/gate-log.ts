import { UpstreamError } from '../../upstream/upstream-error';
import type { RecordBackend } from './record-backend';

/** A release has a few events a batch; pauses and aborts are by hand. */
export const MAX_GATE_EVENTS = 1_000;
const PAGE = 50;

export type GateLog = {
  /** What happened in a release behind a gate, in order. Throws when an entry cannot be read: then nothing is known. */
  gateEvents(issueId: string): Promise<unknown[]>;
  /** Writes event number `index`. False when there is one already: somebody else was faster. */
  appendGateEvent(issueId: string, index: number, event: object): Promise<boolean>;
};

/** The events of a release, one record each, numbered: two writers cannot both write the same number. */
export function gateLog(records: RecordBackend): GateLog {
  return {
    async gateEvents(issueId) {
      const events: unknown[] = [];
      for (;;) {
        const keys = Array.from({ length: PAGE }, (_, at) => keyOf(events.length + at));
        const found = await records.read('gate', issueId, keys);
        for (const { key, content, fault } of found) {
          if (fault !== undefined) throw fault;
          if (key !== keyOf(events.length) || content === null)
            throw broken(`the state of the gate of ${issueId} is damaged: event ${events.length}`);
          events.push(content);
        }
        if (found.length < PAGE) return events;
      }
    },
    async appendGateEvent(issueId, index, event) {
      if (index >= MAX_GATE_EVENTS) throw broken(`the gate of ${issueId} has too many events`);
      return records.create('gate', issueId, keyOf(index), event);
    },
  };
}

const keyOf = (index: number): string => String(index).padStart(6, '0');
const broken = (reason: string) => new UpstreamError('issue-store', reason, { permanent: true });
