import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
/** The changelog names files as they were; a decision that is superseded may, too. */
const HISTORY = /^(CHANGELOG\.md|docs\/decisions\/)/;

const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: ROOT }).toString().trim().split('\n');
const documents = git('ls-files', '-co', '--exclude-standard', '*.md').filter(
  (file) =>
    /^(docs\/|deploy\/|[A-Z-]+(\.zh-CN)?\.md$)/i.test(file) && existsSync(path.join(ROOT, file)),
);

const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Targets of links in the repository, without anchors. */
const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/i.test(target));

/** Paths of the repository in code spans: `src/…`, `docs/…`; those with a placeholder are no path. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`((?:src|docs|test|sandbox|deploy|\.ci)\/[\w./-]+)`/g)].map(
    ([, name = '']) => name,
  );

it.each(documents)('%s links to files that exist', (file) => {
  const missing = linksIn(textOf(file)).filter(
    (target) => !existsSync(path.join(ROOT, path.dirname(file), decodeURI(target))),
  );
  expect(missing).toEqual([]);
});

it.each(documents.filter((file) => !HISTORY.test(file)))('%s names paths that exist', (file) => {
  const missing = pathsIn(textOf(file)).filter((name) => !existsSync(path.join(ROOT, name)));
  expect(missing).toEqual([]);
});
