import { z } from 'zod';
import { parseConfig } from '../../src/config/config';
import { Environment, SECTIONS } from '../../src/config/environment';

const INTRO = `# Generated from src/config/environment.ts by npm run docs; do not edit here: copy it to .env and edit that.
# docker compose reads .env by itself; a shell does with: set -a; . ./.env; set +a
# An empty variable counts as unset. Secrets come from the environment and from nowhere else.`;

const LAST = `## Temporal: the SDK's other variables (TEMPORAL_API_KEY, TEMPORAL_TLS_..., TEMPORAL_PROFILE) apply too
TEMPORAL_ADDRESS=localhost:7233
TEMPORAL_NAMESPACE=default
# The Temporal CLI that demo and --embedded start; else from PATH, a download, or a build with Go.
TEMPORAL_CLI_PATH=

## Node.js
# Time zone of the timestamps in an issue.
TZ=UTC
# PEM file of a private certificate authority, for every upstream.
NODE_EXTRA_CA_CERTS=

## docker compose
# The folder with your hosts.json and your knowledge folder, in which the worker of docker-compose.yml runs.
CONFIG_FOLDER=`;

const WIDTH = 110;
const Described = z.object({
  properties: z.record(
    z.string(),
    z.object({ description: z.string(), default: z.string().optional() }),
  ),
});

/** .env.example: every variable of the schema with its meaning and its default. */
export function envExample(): string {
  const { properties } = Described.parse(
    z.toJSONSchema(Environment, { io: 'input', unrepresentable: 'any' }),
  );
  const defaults: Record<string, unknown> = parseConfig({});
  const entryOf = (name: string): string => {
    const { description, default: text } = properties[name]!;
    const number = defaults[name];
    const value = text ?? (typeof number === 'number' ? `${number}` : '');
    return `${comment(description)}\n${name}=${value}`;
  };
  const sections = Object.entries(SECTIONS).map(([title, variables]) =>
    [`## ${title}`, ...Object.keys(variables).map(entryOf)].join('\n'),
  );
  return `${[INTRO, ...sections, LAST].join('\n\n')}\n`;
}

/** Markdown's links and code signs mean nothing in a shell file. */
function comment(description: string): string {
  const plain = description
    .replace(/\[([^\]]*)\]\(([^)#]*)[^)]*\)/g, (_, text: string, target: string) =>
      text === target ? `docs/${target}` : `${text}: docs/${target}`,
    )
    .replaceAll('`', '');
  const lines: string[] = [];
  for (const word of plain.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.join('\n');
}
