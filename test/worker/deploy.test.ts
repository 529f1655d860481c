import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseConfig, VARIABLES } from '../../src/config/config';
import { workerOptionsOf } from '../../src/worker/worker-options';

const ROOT = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const Resource = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }).optional(),
});
type Resource = z.infer<typeof Resource>;
const FOLDER = 'deploy/kubernetes';
const documents = readdirSync(path.join(ROOT, FOLDER)).flatMap((file) =>
  parseAllDocuments(read(`${FOLDER}/${file}`)).map((document) => {
    expect(document.errors).toEqual([]);
    return Resource.parse(document.toJS());
  }),
);
const resource = (kind: string, name: string): Resource => {
  const found = documents.find((one) => one.kind === kind && one.metadata?.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const Texts = z.record(z.string(), z.string());
/** Of Temporal's SDK and of Node, beside ours. */
const isKnown = (name: string): boolean =>
  VARIABLES.includes(name) ||
  /^(TEMPORAL_[A-Z_]+|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|TZ|CONFIG_FOLDER)$/.test(name);

const Pod = z.looseObject({
  terminationGracePeriodSeconds: z.number(),
  containers: z.array(
    z.looseObject({
      env: z.array(z.object({ name: z.string(), value: z.string() })),
      ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
      resources: z.object({ limits: z.object({ memory: z.string() }) }),
    }),
  ),
});
const podOf = (deployment: Resource) =>
  z.object({ template: z.object({ spec: Pod }) }).parse(deployment['spec']).template.spec;
const config = Texts.parse(resource('ConfigMap', 'release-prep')['data']);
const pod = podOf(resource('Deployment', 'release-prep-worker'));

it('sets only variables that are read, to values that are valid', () => {
  const secret = Texts.parse(resource('Secret', 'release-prep')['stringData']);
  const set = [
    ...Object.keys(config),
    ...Object.keys(secret),
    ...pod.containers.flatMap(({ env }) => env.map(({ name }) => name)),
  ];
  expect(set.filter((name) => !isKnown(name))).toEqual([]);
  expect(() => parseConfig({ ...config, ...secret })).not.toThrow();
  const names = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(
    ([, name]) => name ?? '',
  );
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
  expect(VARIABLES.filter((name) => !names.includes(name))).toEqual([]);
});

it('takes work in Kubernetes at once: no worker version has to be made current before', () => {
  expect(Object.keys(config)).not.toContain('WORKER_DEPLOYMENT_NAME');
});

it('lets .env win over the upstreams of docker compose, and mounts hosts and knowledge', () => {
  const { services } = z
    .object({
      services: z.object({
        worker: z.looseObject({ environment: Texts, volumes: z.array(z.string()) }),
      }),
    })
    .parse(parse(read('docker-compose.yml')));
  const { environment, volumes } = services.worker;
  for (const name of ['PROMETHEUS_URL', 'ELASTICSEARCH_URL', 'RELEASE_SYSTEM_URL'])
    expect(environment[name]).toMatch(new RegExp(`^\\$\\{${name}:-.+\\}$`));
  expect(volumes).toContain('${CONFIG_FOLDER:-./sandbox/data}:/config:ro');
});

it('gives a worker more time to end than it takes', () => {
  const { shutdownForceTime } = workerOptionsOf(parseConfig({ ...config, WORKER_BUILD_ID: 'b1' }));
  expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(shutdownForceTime);
  const compose = z
    .object({ services: z.object({ worker: z.looseObject({ stop_grace_period: z.string() }) }) })
    .parse(parse(read('docker-compose.yml')));
  expect(parseInt(compose.services.worker.stop_grace_period) * 1_000).toBeGreaterThan(
    workerOptionsOf(parseConfig({})).shutdownForceTime,
  );
});

it('probes the port and the paths that the worker answers, and leaves the heap room below the limit', () => {
  const [worker] = pod.containers;
  const portOf = (address: string | undefined) => Number(address?.split(':')[1]);
  expect(worker?.ports).toEqual([
    { name: 'health', containerPort: portOf(config['HEALTH_ADDRESS']) },
    { name: 'metrics', containerPort: portOf(config['METRICS_ADDRESS']) },
  ]);
  const pathOf = (probe: string) =>
    z
      .object({ httpGet: z.object({ path: z.string(), port: z.literal('health') }) })
      .parse(worker?.[probe]).httpGet.path;
  expect(['startupProbe', 'livenessProbe', 'readinessProbe'].map(pathOf)).toEqual([
    ...['/livez', '/livez', '/readyz'],
  ]);
  const heap = Number(
    /=(\d+)$/.exec(worker?.env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '')?.[1],
  );
  expect(heap).toBeLessThan(0.75 * parseInt(worker?.resources.limits.memory ?? ''));
});
