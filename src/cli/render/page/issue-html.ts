import { Marked } from 'marked';
import type { Issue } from '../../../domain/issue';
import { issueMarkdown } from '../markdown/markdown';
import { htmlText } from '../html-text';

/** Addresses in texts from outside stay text: nobody is led anywhere by an issue. */
const marked = new Marked({ tokenizer: { url: () => undefined, autolink: () => undefined } });

/** A page by itself: no script, nothing loaded from elsewhere. */
export const issueHtml = (issue: Issue): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${htmlText(issue.issue_id)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}h3{margin:1.4rem 0 .3rem}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;overflow-wrap:anywhere}</style>
</head><body>
${marked.parse(issueMarkdown(issue), { async: false })}
</body></html>`;
