import type { ClaimView } from '../../adapters/manual-claim-release';
import { Override, type ClaimHolder } from '../../domain/release-claim';
import { usage } from '../exit-codes';
import { PROGRAM } from '../invocation';
import { wrapProse } from '../render/layout/wrap-prose';
import { terminalView } from '../render/layout/terminal-view';
import { print, printJson, printView, tell } from '../print';
import { withClient } from './run';

type Format = { json?: boolean };

/** `release-prep claim show SERVICE`: who holds the service, and until when. */
export const showClaim = (service: string, { json }: Format): Promise<void> =>
  withClient(async (client) => {
    const claim = await client.claim(service);
    if (json) return printJson(claim);
    printView(claim, (view) => claimText(service, view));
  });

/** `release-prep claim release SERVICE --by NAME --reason TEXT`: frees the service; both are recorded. */
export async function releaseClaim(
  service: string,
  options: Format & { by?: string; reason?: string },
): Promise<void> {
  const parsed = Override.safeParse({ by: options.by, reason: options.reason });
  if (!parsed.success)
    throw usage(
      parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'),
    );
  await withClient(async (client) => {
    const freed = await client.releaseClaim(service, parsed.data);
    if (freed === null) throw usage(`nobody holds ${service}: there is no claim to release`);
    if (options.json) return printJson(freed);
    const { holder, how } = freed;
    print(`${service} is free${holder === null ? '' : `; it was held by ${holderText(holder)}`}`);
    if (how === 'terminated')
      tell('No worker answered, so the workflow that kept the claim was terminated.');
    if (holder !== null)
      tell(`The workflow ${holder.held_by} was not stopped: end it if it still deploys.`);
  });
}

function claimText(service: string, { holder, running, released, workflow_id: id }: ClaimView) {
  const last =
    released === null
      ? []
      : [`Last released by ${released.by} at ${released.at}: ${released.reason}`];
  if (!running) return [`Nobody holds ${service}.`, ...last].join('\n');
  const held =
    holder === null
      ? `${service} is held, but workflow ${id} names no holder.`
      : `${service} is held by ${holderText(holder)}`;
  const { width } = terminalView();
  return [
    ...wrapProse(held, width, 2),
    ...last,
    'To release it:',
    `  ${PROGRAM} claim release ${quoted(service)} --by NAME --reason TEXT`,
  ].join('\n');
}

const quoted = (name: string): string =>
  /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;

const holderText = ({ version, phase, held_by: heldBy, since, until }: ClaimHolder): string =>
  `${version} (${phase}), workflow ${heldBy}, since ${since}${until === null ? '' : `, until ${until}`}`;
