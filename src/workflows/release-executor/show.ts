import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTE } from '../../domain/names';
import { renderRelease } from '../../steps/execution/release-details';
import type { Release } from './release';

const PHASE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.phase, 'KEYWORD');
const SERVICE = defineSearchAttributeKey(SEARCH_ATTRIBUTE.service, 'KEYWORD');
const VERSION = defineSearchAttributeKey(SEARCH_ATTRIBUTE.version, 'KEYWORD');

/** Shows in Temporal's Web UI and in lists where the release stands. */
export function show({ record, issue }: Release): void {
  setCurrentDetails(renderRelease(record));
  if (record.shown === record.phase) return;
  record.shown = record.phase;
  upsertSearchAttributes([
    { key: PHASE, value: record.phase },
    { key: SERVICE, value: issue.service },
    { key: VERSION, value: issue.candidate },
  ]);
}
