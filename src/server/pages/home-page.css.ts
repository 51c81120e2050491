/** The style of the page at `/`. System fonts and colours of its own: nothing is loaded. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7fb, #0e1117);
  --card: light-dark(#ffffff, #161b24);
  --line: light-dark(#e2e5ee, #272e3b);
  --text: light-dark(#171b26, #e7eaf2);
  --quiet: light-dark(#586074, #97a1b5);
  --accent: light-dark(#4338ca, #a5b4fc);
  --button: light-dark(#4f46e5, #6366f1);
  --good: light-dark(#15803d, #4ade80);
  --wait: light-dark(#b45309, #fbbf24);
  --bad: light-dark(#b91c1c, #f87171);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
main { max-width: 64rem; margin: 0 auto; padding: 3.5rem 1.5rem 4rem; }
h1 { margin: 0; font-size: 2.5rem; line-height: 1.15; letter-spacing: -0.025em; }
h2 { margin: 3rem 0 1rem; font-size: 1.15rem; letter-spacing: -0.01em; }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
p { margin: 0; }
a { color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
code, pre { font: 0.875rem/1.6 ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace; }
.lead { margin-top: 0.9rem; max-width: 42rem; color: var(--quiet); font-size: 1.125rem; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem; margin-top: 1.75rem; }
.button {
  padding: 0.65rem 1.25rem;
  border-radius: 0.6rem;
  background: var(--button);
  color: #fff;
  font-weight: 600;
  text-decoration: none;
}
.button:hover { filter: brightness(1.1); }
.state { display: inline-flex; align-items: center; gap: 0.4rem; font-size: 0.875rem; font-weight: 600; }
.state::before { content: ''; width: 0.55rem; height: 0.55rem; border-radius: 50%; background: currentColor; }
.good { color: var(--good); }
.wait { color: var(--wait); }
.bad { color: var(--bad); }
.quiet { color: var(--quiet); }
.note {
  margin-top: 1.5rem;
  padding: 0.9rem 1.1rem;
  border: 1px solid var(--line);
  border-left: 4px solid var(--wait);
  border-radius: 0.6rem;
  background: var(--card);
}
.models { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
.card {
  display: flex;
  flex-direction: column;
  gap: 0.6rem;
  padding: 1.25rem;
  border: 1px solid var(--line);
  border-radius: 0.9rem;
  background: var(--card);
}
.card .quiet { font-size: 0.95rem; }
.versions { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: auto 0 0; padding: 0.5rem 0 0; list-style: none; }
.versions li {
  padding: 0.15rem 0.6rem;
  border: 1px solid var(--line);
  border-radius: 1rem;
  font-size: 0.825rem;
}
.versions .live { border-color: currentColor; color: var(--good); font-weight: 600; }
pre {
  margin: 0;
  padding: 1.1rem 1.25rem;
  overflow-x: auto;
  border: 1px solid var(--line);
  border-radius: 0.9rem;
  background: var(--card);
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.55rem 1.5rem; margin: 0; }
dt { font: 0.875rem/1.75 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
dd { margin: 0; color: var(--quiet); }
@media (max-width: 34rem) {
  main { padding-top: 2rem; }
  dl { grid-template-columns: 1fr; gap: 0.1rem; }
  dd { margin-bottom: 0.6rem; }
}
`;
