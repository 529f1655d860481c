import type { ExportFacts } from './export-facts';
import { labelValue } from './kubernetes-names';

export type KubernetesObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec: Record<string, unknown>;
};

/** An object that names its issue. The namespace is that of whoever applies it. */
export function kubernetesObject(
  { issueId, digest, service, version, expiresAt }: ExportFacts,
  {
    apiVersion,
    kind,
    name,
    annotations = {},
  }: {
    apiVersion: string;
    kind: string;
    name: string;
    annotations?: Record<string, string>;
  },
  spec: Record<string, unknown>,
): KubernetesObject {
  const labels = {
    'app.kubernetes.io/managed-by': 'release-prep',
    'app.kubernetes.io/name': labelValue(service),
    'app.kubernetes.io/version': labelValue(version),
  };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
      annotations: {
        'release-prep.io/issue-id': issueId,
        'release-prep.io/digest': digest,
        'release-prep.io/service': service,
        'release-prep.io/version': version,
        'release-prep.io/expires-at': expiresAt,
        ...annotations,
      },
    },
    spec,
  };
}
