import { traceServiceChain } from '../../activities/trace-service-chain';
import { topologyOf } from '../../bootstrap/create-deps';
import { loadConfig } from '../../config/config';
import { chainMermaid } from '../render/chain-mermaid';
import { usage } from '../exit-codes';
import { print, printJson, printView } from '../print';
import { renderChain } from '../render/chain';

export type ChainFormat = { json?: boolean; mermaid?: boolean };

/** `release-prep try chain`: needs nothing but the place where chains are read. */
export async function tryChain(service: string, { json, mermaid }: ChainFormat): Promise<void> {
  if (json && mermaid) throw usage('try chain: give either --json or --mermaid');
  const topology = topologyOf(loadConfig());
  if (topology === undefined) {
    throw usage(
      'try chain: no place to read chains from; set ELASTICSEARCH_URL, or TOPOLOGY_URL (also file:PATH)',
    );
  }
  const chain = await traceServiceChain({ topology }, { service, now: new Date().toISOString() });
  if (json) return printJson(chain);
  if (mermaid) return print(chainMermaid(chain));
  printView(chain, renderChain);
}
