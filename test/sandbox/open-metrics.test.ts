import { historyText, scrapeText } from '../../sandbox/prometheus/open-metrics';

const AT = 1_760_000_000;
const namesIn = (text: string) =>
  new Set(text.split('\n').flatMap((line) => /^([^#]*\{.*\}) /.exec(line)?.[1] ?? []));

it('loads and scrapes the same series, under names that Prometheus 2 takes', () => {
  const [loaded, scraped] = [namesIn(historyText([AT])), namesIn(scrapeText(AT))];
  expect(loaded).toEqual(scraped);
  expect(loaded.size).toBeGreaterThan(150);
  for (const name of loaded) expect(name).toMatch(/^[a-z][a-zA-Z0-9_]*\{job="/);
});

it('has a sample of each time', () => {
  const times = historyText([AT, AT + 120])
    .split('\n')
    .flatMap((line) => /^up\{.*host="bj1-node-001".* (\d+)$/.exec(line)?.[1] ?? []);
  expect(times).toEqual([String(AT), String(AT + 120)]);
});
