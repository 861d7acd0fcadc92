/** Near-black and amber, as the dashboard; light for those who ask for it. */
export const STYLE = `:root {
  color-scheme: dark light;
  --ground: #0e0e10;
  --raised: #17171a;
  --line: #2c2c31;
  --text: #ececee;
  --quiet: #a3a3ad;
  --accent: #f5b133;
  --good: #5fd38a;
  --bad: #ff8f7d;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: light) {
  :root {
    --ground: #ffffff;
    --raised: #f6f5f2;
    --line: #dedcd5;
    --text: #1b1b1d;
    --quiet: #5c5c66;
    --accent: #8a5a00;
    --good: #14703a;
    --bad: #b3261e;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 16px/1.55 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--ground); padding: 0.5rem 0.75rem; z-index: 1; }
header { border-bottom: 1px solid var(--line); }
h1 { max-width: 82rem; margin: 0 auto; padding: 1.1rem 1.5rem; font-size: 1.3rem; }
h1 span { color: var(--accent); }
h2 { margin: 3rem 0 0.25rem; font-size: 1.6rem; }
h3 { margin: 0; font-size: 1.2rem; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
h4 { margin: 1.5rem 0 0.5rem; color: var(--quiet); font-size: 0.8rem; letter-spacing: 0.06em; text-transform: uppercase; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
pre {
  margin: 0;
  overflow-x: auto;
  overflow-wrap: normal;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--raised);
  padding: 0.75rem 1rem;
  line-height: 1.5;
}
pre code { font-size: 0.85rem; }
.columns { display: grid; grid-template-columns: 19rem minmax(0, 1fr); max-width: 82rem; margin: 0 auto; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; scrollbar-width: thin; scrollbar-color: var(--line) transparent; padding: 1.25rem 0.5rem 2rem 1.5rem; }
nav details { display: none; }
nav p { margin: 1rem 0 0.25rem; font-weight: 600; }
nav p a { color: var(--text); text-decoration: none; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.2rem 0; color: var(--quiet); text-decoration: none; font-size: 0.9rem; line-height: 1.35; }
nav a:hover { color: var(--accent); }
nav .method { flex: 0 0 3.4rem; }
main { padding: 1.25rem 1.5rem 5rem; min-width: 0; max-width: 54rem; }
article { margin-top: 1.5rem; border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.5rem 1.5rem; }
.method { font: 600 0.7rem/1.5 var(--mono); color: var(--accent); }
.method.delete { color: var(--bad); }
.method.get { color: var(--good); }
.route { margin: 0.4rem 0; }
.route .method { font-size: 0.85rem; margin-right: 0.35rem; }
.access { margin: 0 0 0.75rem; color: var(--quiet); font-size: 0.92rem; }
.fields { margin: 0; }
.fields dt { padding-top: 0.6rem; border-top: 1px solid var(--line); }
.fields dt:first-of-type { border-top: 0; padding-top: 0; }
.fields dd { margin: 0.1rem 0 0.6rem; color: var(--quiet); font-size: 0.94rem; }
.fields .fields { margin-top: 0.5rem; border-left: 2px solid var(--line); padding-left: 1rem; }
.type { color: var(--quiet); font-size: 0.88rem; }
.answer { border-top: 1px solid var(--line); padding: 0.5rem 0; }
.answer summary { cursor: pointer; }
.answer > :not(summary) { margin-top: 0.75rem; }
.status { font: 600 0.9rem var(--mono); }
.status.good { color: var(--good); }
.status.bad { color: var(--bad); }
@media (max-width: 56rem) {
  h1 { padding: 1rem; }
  .columns { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; max-height: none; padding: 1rem 1rem 0; }
  nav details { display: block; border: 1px solid var(--line); border-radius: 8px; padding: 0.65rem 0.9rem; }
  nav summary { cursor: pointer; font-weight: 600; }
  nav div.menu { display: none; }
  nav li a { padding: 0.45rem 0; }
  main { padding: 0.5rem 1rem 4rem; }
  article { padding: 1rem; }
}
@media print {
  nav { display: none; }
  .columns { display: block; }
}
`
