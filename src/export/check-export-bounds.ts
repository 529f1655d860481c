import { isName } from './kubernetes-names';

/** Together in one object; the API server refuses more. */
const MAX_ANNOTATIONS = 256 * 1024;
/** An object in etcd, with room for what the server adds. */
const MAX_OBJECT = 1024 * 1024;
const LABEL = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;
const MAX_LABEL = 63;
const MAX_INT32 = 2_147_483_647;

/** Bounds that the schemas of the targets miss: what is beyond one, a sentence each. */
export const checkBounds = (objects: readonly object[]): string[] => objects.flatMap(faultsOf);

type Named = {
  kind?: string;
  metadata?: {
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec?: Spec;
};
type Step = { setWeight?: number; replicas?: number; pause?: { duration: string | number } };
type Spec = {
  strategy?: { canary: { steps: readonly Step[] } };
  analysis?: { interval: string; stepWeights: readonly number[] };
};

function faultsOf(object: object): string[] {
  const { kind, metadata, spec } = object as Named;
  // A file of Prometheus, which is no object.
  if (kind === undefined || metadata === undefined || spec === undefined) return [];
  const faults: string[] = [];
  const { name, labels, annotations } = metadata;
  if (!isName(name)) faults.push('the name is not one of RFC 1123 with at most 63 characters');
  for (const [key, value] of Object.entries(labels))
    if (value.length > MAX_LABEL || !LABEL.test(value))
      faults.push(`the label ${key} has a value that is not allowed`);
  if (Buffer.byteLength(Object.values(annotations).join('')) > MAX_ANNOTATIONS)
    faults.push('the annotations have over 256 KiB');
  if (Buffer.byteLength(JSON.stringify(object)) > MAX_OBJECT)
    faults.push('it has over 1 MiB, which an API server refuses');
  const steps = spec.strategy?.canary.steps ?? [];
  faults.push(
    ...growing(
      'setWeight',
      steps.flatMap(({ setWeight }) => setWeight ?? []),
      100,
    ),
  );
  faults.push(
    ...growing(
      'replicas',
      steps.flatMap(({ replicas }) => replicas ?? []),
      MAX_INT32,
    ),
  );
  for (const { pause } of steps)
    if (pause !== undefined && !isDuration(pause.duration)) faults.push('a pause is not above 0');
  if (spec.analysis !== undefined) {
    faults.push(...growing('stepWeights', spec.analysis.stepWeights, 100));
    if (!isDuration(spec.analysis.interval)) faults.push('the interval is not above 0');
  }
  return faults.map((fault) => `${kind} ${name}: ${fault}`);
}

function growing(what: string, values: readonly number[], max: number): string[] {
  const wrong = values.some(
    (value, index) =>
      !Number.isInteger(value) || value < 1 || value > max || value <= (values[index - 1] ?? 0),
  );
  return wrong ? [`${what} must be whole, at most ${max}, and each above the one before`] : [];
}

const isDuration = (duration: string | number): boolean => {
  const seconds = typeof duration === 'number' ? duration : Number(/^(\d+)s$/.exec(duration)?.[1]);
  return Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_INT32;
};
