import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Issue } from '../../../src/domain/issue';
import { issueHtml } from '../../../src/cli/render/page/issue-html';
import { textsOf } from '../../../src/cli/texts/texts';
import { seePage } from '../../fixtures/servers/chromium';
import { manyRules } from '../../fixtures/many-rules';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [360, 800, 1400];

/** The page as Chromium sees it at one width, with axe-core in it; its own policy allows no script. */
const inspected = (html: string, dark: boolean): string =>
  html
    .replace(/<meta http-equiv[^>]*>/, '')
    .replace('(prefers-color-scheme:dark)', dark ? 'all' : 'not all')
    .replace(
      '</body>',
      () => `<script>${AXE}</script><script>
axe.run(document, {resultTypes: ['violations']}).then(({violations}) => parent.postMessage({
  width: innerWidth, overflow: document.documentElement.scrollWidth - innerWidth,
  plots: document.querySelectorAll('article svg').length,
  violations: violations.filter(({impact}) => impact === 'serious' || impact === 'critical')
    .map(({id, nodes}) => id + ' ' + nodes.slice(0, 3).map(({html}) => html).join(' ')),
}, '*'));</script></body>`,
    );

const frames = `<!doctype html><pre id="seen"></pre><script>
addEventListener('message', ({data}) => { seen.textContent += 'SEEN' + JSON.stringify(data) + 'END\\n'; });
for (const width of ${JSON.stringify(WIDTHS)}) for (const mode of ['light', 'dark']) {
  const frame = document.createElement('iframe');
  Object.assign(frame, {width, height: 900});
  frame.src = '/' + mode;
  document.body.append(frame);
}</script>`;

async function seen(
  issue: Issue,
): Promise<{ overflow: number; plots: number; violations: string[] }[]> {
  const html = issueHtml(issue, textsOf('zh'));
  const server = createServer(({ url }, response) => {
    const body = url === '/' ? frames : inspected(html, url === '/dark');
    response.setHeader('content-type', 'text/html; charset=utf-8').end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const text = await seePage(`http://127.0.0.1:${port}/`);
    return [...text.matchAll(/SEEN(.*?)END/g)].map(([, json]) => JSON.parse(json as string));
  } finally {
    server.close();
  }
}

it('is readable at each width in light and dark, and axe-core finds nothing serious', async () => {
  const results = await seen(manyRules(6));
  expect(results).toHaveLength(2 * WIDTHS.length);
  for (const { overflow, violations, plots } of results) {
    expect(violations).toEqual([]);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(plots).toBe(6);
  }
}, 180_000);
