import type { ClaimState } from '../../domain/release-claim';

/** Who holds the service, in Markdown, for the Temporal Web UI's current details. */
export function renderClaim({ holder, released }: ClaimState): string {
  const lines: string[] = [];
  if (released !== null) {
    const { version, workflow_id: id } = released.holder;
    lines.push(
      `Freed by ${inline(released.by)} at ${released.at}: ${inline(released.reason)}`,
      `It was held by ${inline(id)} (${inline(version)}).`,
    );
  }
  lines.push(
    holder === null
      ? 'Nobody holds the service.'
      : `${inline(holder.held_by)} holds the service: ${inline(holder.version)} is ` +
          `${holder.phase} since ${holder.since}${holder.until === null ? '' : `, until ${holder.until}`}.`,
  );
  return lines.join('\n\n');
}

/** A name or a text of others, without anything that Markdown reads. */
const inline = (text: string): string =>
  text
    .slice(0, 300)
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll(/[\\`*_[\]<>|#!@&~]/g, '\\$&');
