// How the pages look: one column, readable on a phone and in the dark, without a font or picture from anywhere.
import { createHash } from 'node:crypto';

export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #16191d; --soft: #4c5661; --line: #c6ccd4; --edge: #737e8b;
  --link: #0b57c0; --yes: #0b6b3a; --yes-ink: #fff; --no: #a32218; --warn: #fff3d6; --warn-ink: #523a00; --warn-line: #b58500;
  --bad: #fdeceb; --bad-ink: #7d1a12; --good: #e6f4ec; --good-ink: #0a4d2b; --code: #eef1f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101317; --card: #191d23; --ink: #e9ecf0; --soft: #aab4bf; --line: #343c46; --edge: #7f8b98;
    --link: #8ab8ff; --yes: #4cc38a; --yes-ink: #06210f; --no: #ff9a90; --warn: #33290f; --warn-ink: #ffdf94; --warn-line: #9c7a1f;
    --bad: #3a1a18; --bad-ink: #ffc2bb; --good: #12301f; --good-ink: #a9e8c6; --code: #242a32;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, sans-serif;
  overflow-wrap: anywhere;
}
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: 0.75rem 1rem; z-index: 1; }
header, main { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; padding-top: 0.5rem; padding-bottom: 0.5rem; }
header .home { margin-right: auto; font-weight: 650; text-decoration: none; color: inherit; padding: 0.7rem 0; }
header .who { color: var(--soft); font-size: 0.9375rem; min-width: 0; }
header .who a { display: inline-block; padding: 0.7rem 0; color: inherit; }
main { padding-bottom: 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0.5rem 0 0.75rem; }
h2 { font-size: 1.0625rem; margin: 1.5rem 0 0.5rem; }
p { margin: 0.5rem 0; }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem; margin: 0.75rem 0; }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.at { white-space: nowrap; }
.back { margin: 0; }
.back a { display: inline-block; padding: 0.6rem 0; }
ul.list { list-style: none; margin: 0; padding: 0; }
.list .card { position: relative; }
.list .card:hover { border-color: var(--edge); }
.list h2 { margin: 0; font-size: 1.0625rem; line-height: 1.4; font-weight: 600; }
.list h2 a { color: inherit; text-decoration: none; }
.list h2 a::after { content: ""; position: absolute; inset: 0; border-radius: 12px; }
.list h2 a:hover { text-decoration: underline; }
.list h2 a:focus-visible { outline: none; }
.list .card:focus-within { outline: 3px solid var(--link); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; margin-bottom: 0.35rem; }
.id { font-variant-numeric: tabular-nums; font-weight: 650; white-space: nowrap; }
.chip {
  display: inline-block; border: 1px solid var(--warn-line); background: var(--warn); color: var(--warn-ink); border-radius: 999px;
  padding: 0.05rem 0.6rem; font-size: 0.875rem; font-weight: 600; white-space: nowrap;
}
.chip.over { border-color: var(--edge); background: transparent; color: var(--soft); }
.chip.good { border-color: transparent; background: var(--good); color: var(--good-ink); }
.chip.bad { border-color: transparent; background: var(--bad); color: var(--bad-ink); }
.sentence { font-size: 1.1875rem; line-height: 1.4; font-weight: 600; margin: 0.5rem 0; }
dl { margin: 0; display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.4rem 1rem; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.values > div { border-top: 1px solid var(--line); padding: 0.6rem 0; }
.values > div:first-child { border-top: 0; padding-top: 0; }
.values > div:last-child { padding-bottom: 0; }
dl.values { display: block; }
code { font: 0.9375rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.values dd code {
  display: block; background: var(--code); border-radius: 8px; padding: 0.5rem 0.65rem; margin-top: 0.2rem;
  white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; direction: ltr; text-align: left;
}
.note { border-left: 4px solid var(--edge); background: var(--card); border-radius: 0 8px 8px 0; padding: 0.6rem 0.9rem; margin: 0.75rem 0; }
.note p { margin: 0.2rem 0; }
.note.warn { border-color: var(--warn-line); background: var(--warn); color: var(--warn-ink); }
.note.bad { border-color: var(--no); background: var(--bad); color: var(--bad-ink); }
.note.good { border-color: var(--yes); background: var(--good); color: var(--good-ink); }
label { display: block; font-weight: 600; margin-top: 1rem; }
.hint { color: var(--soft); font-size: 0.9375rem; margin: 0.1rem 0 0.3rem; }
input, textarea {
  display: block; width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: 8px;
  padding: 0.65rem 0.75rem; min-height: 3rem;
}
textarea { resize: vertical; }
button {
  font: inherit; font-weight: 650; min-height: 3rem; padding: 0.6rem 1.25rem; border-radius: 8px; border: 2px solid var(--edge);
  background: var(--card); color: inherit; cursor: pointer;
}
button.yes { background: var(--yes); border-color: var(--yes); color: var(--yes-ink); }
button.no { border-color: var(--no); color: var(--no); }
button:hover { filter: brightness(0.96); }
.choice { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; margin-top: 1rem; }
.single button { width: 100%; margin-top: 1.25rem; }
header form { margin: 0; }
header button { min-height: 2.75rem; padding: 0.4rem 0.9rem; border-width: 1px; font-weight: 500; font-size: 0.9375rem; }
.narrow { max-width: 26rem; }
@media (max-width: 30rem) {
  dl { display: block; }
  dt { font-size: 0.9375rem; }
  dd + dt { margin-top: 0.6rem; }
  .card { padding: 0.9rem; }
}
@media (forced-colors: active) { .chip, .note { border: 1px solid; } }
`;

/** For the policy of what the page may load: this style and no other. */
export const pageStyleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`;
