/** The style of an issue's page: light and dark by the reader's system, one column on a phone, and printable. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--accent:#0a5bb5;--band:#9cc4f0;--good:#1a7f37;--care:#8a5300;--bad:#b42318}
@media (prefers-color-scheme:dark){:root{--bg:#0f1419;--fg:#e6edf3;--soft:#9aa6b2;--line:#30363d;--card:#171d24;--accent:#6cb0ff;--band:#2b5480;--good:#57c26f;--care:#e3a84a;--bad:#ff8a7a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
p,ul,ol{margin:.4rem 0}
ul,ol{padding-left:1.25rem}
li,p,dd{overflow-wrap:anywhere}
code,pre{font:13px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
pre{overflow:auto;max-height:32rem;padding:.75rem;background:var(--card);border:1px solid var(--line);border-radius:6px}
.soft{color:var(--soft);font-size:.9rem}
.verdict{border:1px solid var(--line);border-left:.4rem solid var(--tone);border-radius:6px;padding:.9rem 1rem;background:var(--card)}
.verdict strong{font-size:1.1rem;color:var(--tone)}
.yes{--tone:var(--good)}.with_care{--tone:var(--care)}.no{--tone:var(--bad)}
.cards{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}
.card{border:1px solid var(--line);border-radius:6px;padding:.75rem .9rem;min-width:0;break-inside:avoid}
.card>svg{display:block;width:100%;height:auto;margin:.5rem 0}
.head{display:flex;flex-wrap:wrap;gap:.25rem .6rem;align-items:baseline;justify-content:space-between}
.tag{font-size:.8rem;font-weight:600;border:1px solid currentColor;border-radius:1rem;padding:0 .55rem;white-space:nowrap}
.judgeable,.low,.medium,.metrics{color:var(--good)}.weak,.high{color:var(--care)}.blind,.critical{color:var(--bad)}
.medium,.low{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .75rem;margin:.4rem 0;font-size:.92rem}
dt{color:var(--soft)}dd{margin:0;min-width:0}
summary{cursor:pointer;color:var(--accent)}
details{margin:.35rem 0}
.scroll{overflow-x:auto}
.graph{display:block;margin:0 auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
main{overflow-wrap:anywhere}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
.bar{fill:var(--accent)}.node{fill:var(--card);stroke:var(--line)}.self{stroke:var(--accent);stroke-width:2.5}
svg .name{fill:var(--fg);font-size:13px}.edge{fill:none;stroke:var(--soft)}.failing{stroke:var(--bad);stroke-width:2}svg .failed{fill:var(--bad)}
.band{fill:var(--band)}.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 3}svg .limitText{fill:var(--bad)}.axis{stroke:var(--line)}
@media (max-width:40rem){main{padding:1rem .75rem 3rem}h1{font-size:1.25rem}.steps td:nth-child(3),.steps th:nth-child(3){padding-right:0}}
@media print{:root{--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;--card:#fff}body{font-size:11pt}main{max-width:none;padding:0}.cards{grid-template-columns:1fr 1fr}details.json{display:none}h2{break-after:avoid}}
`;
