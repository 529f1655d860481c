import { hostMetrics } from '../../../src/activities/measure/read-related-metrics';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus';
import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { serveJson } from '../../../sandbox/http-server';

/** A Prometheus that answers every question for metrics of hosts by this status. */
async function askedOf(status: number) {
  let requests = 0;
  const server = await serveJson(() => {
    requests += 1;
    return { status, body: { status: 'error', errorType: 'bad_data', error: 'regexp too long' } };
  });
  const deps = {
    prometheus: createPrometheus({ url: server.url }),
    prometheusHostLabels: ['instance', 'node'],
    knowledge: { technologies: [] } as unknown as Knowledge,
    releaseSystem: {
      hostRefsOf: () => Promise.resolve([{ host_id: 'web-1', host_ip: '10.0.0.1' }]),
    } as never,
  };
  const asked = { service: 'shop', own: new Set<string>(), facts: {} };
  try {
    return await hostMetrics(deps, asked, { start: 0, end: 60 }, undefined);
  } finally {
    expect(requests).toBe(1);
    await server.stop();
  }
}

it.each([400, 414])(
  'leaves the machines out, and says why, where Prometheus refuses by %i',
  async (status) => {
    const { sides, unwatched } = await askedOf(status);
    expect(sides).toEqual([]);
    expect(unwatched).toEqual([expect.stringMatching(/^the hosts: .*regexp too long/)]);
  },
);

it('waits for a Prometheus that is away', async () => {
  await expect(askedOf(503)).rejects.toMatchObject({ status: 503, permanent: false });
});
