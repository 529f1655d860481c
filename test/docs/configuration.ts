import { z } from 'zod';
import { parseConfig } from '../../src/config/config';
import { Environment, SECTIONS } from '../../src/config/environment';
import { table } from './table';

const INTRO = `# Configuration
Configuration comes from environment variables only. A command reads all of them when it starts and lists every error at once. An empty variable counts as unset. Secrets are removed from errors, logs and messages.

Generated from \`src/config/environment.ts\` by \`npm run docs\`; do not edit. [\`.env.example\`](../.env.example) is a file to start from.`;

/** Variables that libraries read, which no schema of ours holds. */
const LIBRARIES = `## Temporal
Temporal's own variables and the profiles of \`temporal.toml\` apply ([@temporalio/envconfig](https://docs.temporal.io/develop/environment-configuration)).

| variable | default | meaning |
| - | - | - |
| \`TEMPORAL_ADDRESS\` | \`localhost:7233\` | \`HOST:PORT\` of the Temporal frontend, without a scheme. |
| \`TEMPORAL_NAMESPACE\` | \`default\` | Namespace. |
| \`TEMPORAL_API_KEY\` | – | API key; turns TLS on. |
| \`TEMPORAL_TLS\`, \`TEMPORAL_TLS_…\` | – | TLS and client certificates: [security.md](security.md). |
| \`TEMPORAL_PROFILE\`, \`TEMPORAL_CONFIG_FILE\` | \`default\`, – | Profile of \`temporal.toml\`, and the file. |
| \`TEMPORAL_CLI_PATH\` | – | The Temporal CLI that \`demo\`, \`--embedded\` and the tests start. Unset: from \`PATH\`, a download, or a build with Go. |

## Node.js and OpenTelemetry
| variable | meaning |
| - | - |
| \`TZ\` | Time zone of the timestamps in an issue. |
| \`NODE_EXTRA_CA_CERTS\` | PEM file of a private certificate authority, for every upstream. |
| \`NODE_OPTIONS\` | \`--max-old-space-size\`: [operations.md](operations.md#sizing). |
| \`NO_COLOR\` | Set it to turn colour off. |
| \`OTEL_EXPORTER_OTLP_HEADERS\`, \`OTEL_SERVICE_NAME\`, \`OTEL_RESOURCE_ATTRIBUTES\` | As OpenTelemetry defines them. |`;

const Described = z.object({
  properties: z.record(
    z.string(),
    z.object({
      description: z.string(),
      default: z.string().optional(),
      enum: z.array(z.string()).optional(),
    }),
  ),
});

/** docs/configuration.md: every variable of the schema with its default and meaning. Throws where one has no description. */
export function configurationPage(): string {
  const { properties } = Described.parse(
    z.toJSONSchema(Environment, { io: 'input', unrepresentable: 'any' }),
  );
  const defaults: Record<string, unknown> = parseConfig({});
  const rowOf = (name: string): string[] => {
    const { description, default: text, enum: values } = properties[name]!;
    const number = defaults[name];
    const value = text ?? (typeof number === 'number' ? `${number}` : '');
    const choices =
      values === undefined ? '' : ` One of ${values.map((one) => `\`${one}\``).join(', ')}.`;
    return [`\`${name}\``, value === '' ? '–' : `\`${value}\``, `${description}${choices}`];
  };
  const sections = Object.entries(SECTIONS).map(([title, variables]) => {
    const rows = Object.keys(variables).map(rowOf);
    return `## ${title}\n${table(['variable', 'default', 'meaning'], rows)}`;
  });
  return `${[INTRO, ...sections, LIBRARIES].join('\n\n')}\n`;
}
