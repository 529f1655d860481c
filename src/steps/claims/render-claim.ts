import type { ClaimState } from '../../domain/release-claim';
import { escapeMarkdown } from '../text/escape-markdown';

/** Who holds the service, in Markdown, for the Temporal Web UI's current details. */
export function renderClaim({ holder, released }: ClaimState): string {
  const lines: string[] = [];
  if (released !== null) {
    const { version, workflow_id: id } = released.holder;
    lines.push(
      `Freed by ${escapeMarkdown(released.by)} at ${released.at}: ${escapeMarkdown(released.reason)}`,
      `It was held by ${escapeMarkdown(id)} (${escapeMarkdown(version)}).`,
    );
  }
  lines.push(
    holder === null
      ? 'Nobody holds the service.'
      : `${escapeMarkdown(holder.held_by)} holds the service: ${escapeMarkdown(holder.version)} is ` +
          `${holder.phase} since ${holder.since}${holder.until === null ? '' : `, until ${holder.until}`}.`,
  );
  return lines.join('\n\n');
}
