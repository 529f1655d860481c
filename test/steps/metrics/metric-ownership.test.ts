import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { TechnologyDocument } from '../../../src/domain/knowledge/technology-document';
import { kindByMetrics } from '../../../src/steps/knowledge/metric-groups';
import { kindOfText } from '../../../src/steps/knowledge/lookup';
import { isTellingPrefix, ownMetrics } from '../../../src/steps/metrics/metric-ownership';
import { level, metric } from '../../fixtures/metric-facts';

const technology = (id: string, names: string[], more: object = {}) => {
  const one: Record<string, unknown> = { ...level({ match: names }) };
  delete one['document'];
  const groups = [{ name: 'G', signal: 'saturation', levels: [one] }];
  const extending = id === 'general' ? [] : ['general'];
  const matter = { id, title: id, extends: extending, groups, references: ['test'], ...more };
  return { ...TechnologyDocument.parse(matter), path: `${id}.md`, prose: '' };
};
const knowledge: Pick<Knowledge, 'services' | 'technologies'> = {
  services: [],
  technologies: [
    technology('general', ['up', 'process_cpu_seconds_total', '*_errors_total']),
    technology('redis', ['redis_up', 'redis_memory_used_bytes'], { exporter: true }),
    technology('mysql', ['mysql_up', 'mysql_queries'], { aliases: ['mariadb'] }),
    technology('golang', ['go_goroutines', 'go_threads'], { layer: 'runtime', aliases: ['go'] }),
    technology('django', ['django_db_errors_total'], { extends: ['golang'] }),
  ],
};
const names = (kind: string, all: string[], words: string[] = []) =>
  ownMetrics(
    all.map((name) => metric(name)),
    { service: 'shop', kind, words },
    knowledge,
  ).map(({ name }) => name);
const crowd = Array.from({ length: 60 }, (_, index) => `family${index}_errors_total`);

describe('ownMetrics', () => {
  it('leaves out what the document of another technology claims, and what tells of scraping or builds', () => {
    const all = ['shop_errors_total', 'redis_errors_total', 'mysql_up', 'scrape_duration_seconds'];
    expect(names('mysql', [...all, 'mysql_build_info'])).toEqual(['shop_errors_total', 'mysql_up']);
  });

  it('keeps only the own families of a scope that very many share', () => {
    expect(names('mysql', [...crowd, 'mysql_odd', 'up'])).toEqual(['mysql_odd', 'up']);
    expect(names('general', [...crowd, 'geth_errors_total'], ['Geth node'])).toEqual([
      'geth_errors_total',
    ]);
    expect(names('general', crowd)).toHaveLength(60);
  });

  it('tells a family by its abbreviation, and never by a word that any system uses', () => {
    const all = [...crowd, 'vm_errors_total', 'db_errors_total', 'vx_errors_total'];
    expect(names('general', all, ['victoriametrics: our db'])).toEqual(['vm_errors_total']);
    expect(names('general', all, ['our db']).length).toBeGreaterThan(60);
  });

  it("does not take an exporter's process for the service's", () => {
    const all = ['process_cpu_seconds_total', 'redis_up', 'up'];
    expect(names('redis', all)).toEqual(['redis_up', 'up']);
    expect(names('mysql', all)).toEqual(['process_cpu_seconds_total', 'up']);
  });

  it('keeps the namespaces that the document of the kind names, whoever else claims them', () => {
    const proxy = technology('proxy', ['mysql_threads', 'proxy_up']);
    const known = { ...knowledge, technologies: [...knowledge.technologies, proxy] };
    const all = ['mysql_threads', 'mysql_up', 'other_gauge'].map((name) => metric(name));
    const kept = ownMetrics(all, { service: 'shop', kind: 'proxy', words: [] }, known);
    expect(kept.map(({ name }) => name)).toEqual(['mysql_threads', 'mysql_up', 'other_gauge']);
  });

  it('takes a foreign namespace out of any scope, and never a namespace that every service has', () => {
    expect(names('general', ['redis_errors_total', 'redis_odd'])).toEqual([]);
    expect(names('general', [...crowd, 'redis_errors_total'])).not.toContain('redis_errors_total');
    expect(names('general', [...crowd, 'queue_odd', 'process_odd'])).toEqual(
      expect.arrayContaining(['queue_odd', 'process_odd']),
    );
  });
});

describe('kindByMetrics', () => {
  const kind = (service: string, all: string[]) =>
    kindByMetrics(
      service,
      all.map((name) => metric(name)),
      knowledge,
    );
  const runtime = ['go_goroutines', 'go_threads'];

  it('tells an application before the runtime that its exporter is written in', () => {
    expect(kind('cart', ['redis_up', 'redis_memory_used_bytes', ...runtime])).toBe('redis');
    expect(kind('cart', runtime)).toBe('golang');
  });

  it('believes the name of a service only when its metrics confirm it', () => {
    const both = ['redis_up', 'redis_memory_used_bytes', 'mysql_up', 'mysql_queries'];
    expect(kind('orders-mariadb', both)).toBe('mysql');
    expect(kind('orders-mariadb', ['other', ...runtime])).toBe('golang');
  });

  it('answers general where nothing is known', () => {
    expect(kind('cart', ['x', 'y'])).toBe('general');
  });
});

describe('kindOfText', () => {
  it.each([
    ['my-sql 8', 'mysql'],
    ['user-db-mariadb', 'mysql'],
    ['go django service', 'django'],
    ['a thing', undefined],
  ])('reads %s as %s', (text, id) => {
    expect(kindOfText(text, knowledge)).toBe(id);
  });
});

describe('isTellingPrefix', () => {
  it.each(['shop', 'user-service', 'redis', 'http-gateway'])('takes %s for a prefix', (service) => {
    expect(isTellingPrefix(service, knowledge)).toBe(true);
  });

  it.each(['up', 'go', 'process', 'http', 'API'])(
    'does not take %s, which metrics of any system begin with',
    (service) => expect(isTellingPrefix(service, knowledge)).toBe(false),
  );
});
