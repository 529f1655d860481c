/** Under these names the sidecars of service meshes and runtimes report their spans, whoever they stand beside. */
const SIDECARS = new Set([
  'consul-connect-proxy',
  'consul-dataplane',
  'dapr',
  'daprd',
  'envoy',
  'envoy-proxy',
  'envoy-sidecar',
  'istio-proxy',
  'kuma-sidecar',
  'linkerd-proxy',
  'linkerd2-proxy',
  'osm-proxy',
  'proxy',
  'sidecar',
  'sidecar-proxy',
]);

export const isProxyName = (name: string): boolean => SIDECARS.has(name.toLowerCase());
