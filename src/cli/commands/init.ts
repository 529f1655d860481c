import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE_FOLDER } from '../../config/package';
import { PROGRAM } from '../invocation';
import { print } from '../print';

const MANIFESTS = 'deploy/kubernetes';

const HOSTS = `${JSON.stringify(
  {
    comment:
      'The hosts of your services; docs/hosts-file.md explains every key. Replace the examples, or set RELEASE_SYSTEM_URL to your release system.',
    hosts: [
      {
        host_id: 'host-1',
        host_ip: '10.0.0.1',
        status: 'running',
        zone: 'zone-a',
        services: [{ name: 'example-service', version: 'v1.0.0', status: 'active' }],
        load: { cpu: 0.3, memory: 0.5 },
      },
      {
        host_id: 'host-2',
        host_ip: '10.0.0.2',
        status: 'running',
        zone: 'zone-b',
        services: [{ name: 'example-service', version: 'v1.0.0', status: 'active' }],
        load: { cpu: 0.3, memory: 0.5 },
      },
    ],
  },
  null,
  2,
)}\n`;

const PROFILE = `---
# Required: the name of the service, as in its hosts, metrics and traces.
service: example-service
# Required: the id of a technology of the knowledge base, such as http-service, spring-boot, redis or kafka;
# "general" where none fits.
kind: general
# Required: one or two sentences for people and models.
description: An example; replace it by a service of yours.
# owner: team-example
# Services that it calls, where traces do not show it.
# depends_on: [example-db-postgresql]
# Risks that always count for this service.
# risks: [memory-leak]
# Metrics that are always watched.
# pinned_metrics: [example_orders_total]
# low, medium, high or critical; a rollout policy may ask for it.
# criticality: high
---
What people and models should know before a release.
`;

type Written = { file: string; isNew: boolean };

/** `release-prep init [--kubernetes]`: a starting configuration in this folder. Nothing is overwritten. */
export async function init(options: { kubernetes?: boolean }): Promise<void> {
  const written = [
    await writeNew('.env', await environment()),
    await writeNew('hosts.json', HOSTS),
    await writeNew('knowledge/services/example-service.md', PROFILE),
    ...(options.kubernetes ? await manifests() : []),
  ];
  const apply = options.kubernetes ? ['  kubectl apply -k kubernetes'] : [];
  print(
    [
      ...written.map(({ file, isNew }) => `${isNew ? 'wrote' : 'kept '} ${file}`),
      'Edit these files, then:',
      '  set -a; . ./.env; set +a',
      `  ${PROGRAM} knowledge check`,
      `  ${PROGRAM} doctor`,
      ...apply,
    ].join('\n'),
  );
}

/** .env.example with the files that are written next to it. */
async function environment(): Promise<string> {
  const example = await readFile(path.join(PACKAGE_FOLDER, '.env.example'), 'utf8');
  return example
    .replace(/^# Generated from [^\n]*\n/, '')
    .replace(/^RELEASE_SYSTEM_URL=$/m, 'RELEASE_SYSTEM_URL=file:hosts.json')
    .replace(/^PROMETHEUS_URL=$/m, 'PROMETHEUS_URL=http://localhost:9090')
    .replace(/^KNOWLEDGE_DIR=$/m, 'KNOWLEDGE_DIR=knowledge')
    .replace(/^CONFIG_FOLDER=$/m, 'CONFIG_FOLDER=.');
}

async function manifests(): Promise<Written[]> {
  const folder = path.join(PACKAGE_FOLDER, MANIFESTS);
  const written: Written[] = [];
  for (const name of (await readdir(folder)).sort())
    written.push(
      await writeNew(
        path.join('kubernetes', name),
        await readFile(path.join(folder, name), 'utf8'),
      ),
    );
  return written;
}

/** Writes a file that does not exist yet; an existing one stays as it is. */
async function writeNew(file: string, content: string): Promise<Written> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    // Users may write secrets into it, so only the owner can read it.
    await writeFile(file, content, { flag: 'wx', mode: file === '.env' ? 0o600 : 0o644 });
    return { file, isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return { file, isNew: false };
    throw error;
  }
}
