import { marked } from 'marked';
import { htmlText } from '../../../src/cli/render/html-text';
import { code, codeBlock, codeCell, safe, table } from '../../../src/cli/render/markdown-text';
import { mermaidText } from '../../../src/cli/render/mermaid-text';

/** What markup, sites and chats make something of. */
const CANARIES = [
  '![image](https://evil.example/x.png)',
  '[link](https://evil.example)',
  '[reference]: https://evil.example',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '<!-- comment -->',
  '<https://evil.example>',
  'https://evil.example/a?b=c',
  'HTTP://evil.example',
  'www.evil.example',
  'WWW.evil.example',
  'somebody@evil.example',
  '@everyone',
  '@org/team',
  'fixes #12',
  'org/repo#12',
  '!12',
  'GH-12',
  '# heading',
  '- item',
  '1. item',
  '1) item',
  '> quote',
  '**bold** _em_ ~~struck~~ `code`',
  '| a | b |',
  '\\| escaped',
  '```\ncode\n```',
  'a\n\n# heading on a line of its own',
  '$x^2$',
  '{{ template }} {% tag %}',
  '&lt;img&gt;',
  'a\u202eb\u200bc\u001b[2J',
];
const LINKED =
  /@everyone|@org|@evil|https?:\/\/|www\.evil|#12|!12|GH-12|<(a|img|script|h1|ul|ol|li|blockquote|em|strong|del|code|pre)\b/i;

describe.each(CANARIES)('Markdown of %j', (canary) => {
  it('is plain text, in a paragraph, a list and a cell', () => {
    expect(marked.parse(safe(canary), { async: false })).not.toMatch(LINKED);
    expect(marked.parse(`- ${safe(canary)}`, { async: false })).not.toMatch(
      /@everyone|https?:\/\/|<(a|img|script|h1|ol|blockquote|em|strong|del|code|pre)\b/i,
    );
    const cells = marked.parse(table(['a', 'b'], [[canary, 'last']]).join('\n'), { async: false });
    expect(cells).not.toMatch(LINKED);
    expect(cells.match(/<td>/g)).toHaveLength(2);
    expect(safe(canary)).not.toMatch(/[\u001b\u202e\u200b\n]/);
  });

  it('stays code where it is shown as code', () => {
    const html = marked.parse(`x ${code(canary)} y`, { async: false });
    expect(html).toMatch(/^<p>x <code>.*<\/code> y<\/p>\n$/s);
    expect(html).not.toMatch(/<(a|img|script)\b/i);
    const cells = marked.parse(
      ['| a | b |', '|-|-|', `| ${codeCell(canary)} | last |`].join('\n'),
      { async: false },
    );
    expect(cells.match(/<td>/g)).toHaveLength(2);
    const block = marked.parse(codeBlock('text', canary).join('\n'), { async: false });
    expect(block).toMatch(/^<pre><code class="language-text">[^<]*<\/code><\/pre>\n$/);
  });
});

it('breaks addresses and mentions so that a person still reads them', () => {
  expect(safe('see https://example.com, ask @jane or www.example.com')).toBe(
    'see https\\[:\\]//example.com, ask \\[@\\]jane or www\\[.\\]example.com',
  );
});

it('leaves host names, versions and times as they are', () => {
  expect(safe('web-1.example.com:8080 v1.2.3 12:30 50%')).toBe(
    'web-1.example.com:8080 v1.2.3 12:30 50%',
  );
});

it.each(CANARIES)('HTML of %j has no markup', (canary) => {
  expect(htmlText(canary)).not.toMatch(/[<>"'\u001b\u202e\u200b]/);
});

it.each([...CANARIES, '%%{init: {}}%%', 'a"]; click b href "https://evil.example"', 'x`y`'])(
  'Mermaid text of %j has no syntax',
  (canary) => {
    expect(mermaidText(canary)).not.toMatch(/["'`<>()[\]{}|@\\\n\u001b\u202e]|%%|:\/\/|www\./i);
    // Every sign is a whole entity.
    expect(mermaidText(canary).replace(/#\d+;/g, '')).not.toMatch(/[#;&]/);
  },
);
