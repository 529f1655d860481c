import { traceServiceChain } from '../../activities/trace-service-chain';
import type { Topology } from '../../adapters/topology/topology';
import { plainText } from '../../adapters/terminal/printable';
import { topologyOf } from '../../bootstrap/create-deps';
import { loadConfig } from '../../config/config';
import { causesAround } from '../../steps/service-chain/build-chain';
import { explainPath, type PathStep } from '../../steps/service-chain/explain-path';
import { chainMermaid } from '../render/chain-mermaid';
import { usage } from '../exit-codes';
import { print, printJson, printView } from '../print';
import { renderChain } from '../render/chain';

export type ChainFormat = { json?: boolean; mermaid?: boolean; explain?: string[] };

/** `release-prep try chain`: needs nothing but the place where chains are read. */
export async function tryChain(
  service: string,
  { json, mermaid, explain }: ChainFormat,
): Promise<void> {
  if (json && mermaid) throw usage('try chain: give either --json or --mermaid');
  const topology = topologyOf(loadConfig());
  if (topology === undefined) {
    throw usage(
      'try chain: no place to read chains from; set ELASTICSEARCH_URL, or TOPOLOGY_URL (also file:PATH)',
    );
  }
  if (explain !== undefined) return explainChain(topology, service, explain, json === true);
  const chain = await traceServiceChain({ topology }, { service, now: new Date().toISOString() });
  if (json) return printJson(chain);
  if (mermaid) return print(chainMermaid(chain));
  printView(chain, renderChain);
}

async function explainChain(
  topology: Topology,
  service: string,
  [from, to, ...more]: string[],
  json: boolean,
): Promise<void> {
  if (from === undefined || to === undefined || more.length > 0)
    throw usage('try chain: --explain takes two services, the caller first');
  const traced = await topology.trace({ service, now: new Date() });
  const path = explainPath(from, to, causesAround(service, traced));
  if (json) return printJson({ from, to, path });
  print(
    path === null ? `nothing read about ${service} leads from ${from} to ${to}` : pathText(path),
  );
}

/** One line a service, with the span where its work begins. */
const pathText = (path: readonly PathStep[]): string =>
  path
    .map(({ place, guessed }, n) => {
      const { trace, span } = place;
      const where = trace === undefined ? '' : `  trace ${trace}, span ${span ?? ''}`;
      const how = guessed ? '  by a topic; which message is not known' : '';
      return plainText(`${'  '.repeat(n)}${n > 0 ? '└─ ' : ''}${place.service}${where}${how}`);
    })
    .join('\n');
