import { historyText, scrapeText } from '../../sandbox/prometheus/open-metrics';

const AT = 1_760_000_000;
const namesIn = (text: string) =>
  new Set(text.split('\n').flatMap((line) => /^([^#]*\{.*\}) /.exec(line)?.[1] ?? []));

it('loads and scrapes the same series, under names that Prometheus 2 takes', () => {
  const [loaded, scraped] = [namesIn(historyText(AT, AT + 1, 60)), namesIn(scrapeText(AT))];
  expect(loaded).toEqual(scraped);
  expect(loaded.size).toBeGreaterThan(150);
  for (const name of loaded) expect(name).toMatch(/^[a-z][a-zA-Z0-9_]*\{job="/);
});

it('has a sample a step, up to before the end', () => {
  const times = historyText(AT, AT + 7_200, 120)
    .split('\n')
    .flatMap((line) => /^up\{.*host="bj1-node-001".* (\d+)$/.exec(line)?.[1] ?? []);
  expect(times).toHaveLength(60);
  expect([times[0], times.at(-1)]).toEqual([String(AT), String(AT + 7_080)]);
});
