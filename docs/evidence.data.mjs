// What Trunkline promises, and what shows it. `npm run evidence` turns this into docs/evidence.md; a test sees to it that
// every test named here exists and that the page is the one this file makes.
//
// A claim is shown by tests (`file` and full title, `describe > test`), by a whole run (`run: 'node-22'` and the `command`),
// by figures (`bench` and the figure's name in bench/results/<bench>.json), or, only where nothing can run, by a sentence
// (`prose`). `open` says why nothing shows it yet.

/** @typedef {import('../scripts/evidence-page.mjs').Section} Section */

const shelves = 'test/structure/shelves.test.ts';
const open = 'Not shown yet.';

/** @type {readonly Section[]} */
export const sections = [
  {
    title: 'Guarantees',
    intro: 'Each has a page that says what is promised and how it is kept.',
    claims: [
      {
        claim: '1. Complete: every row Aircall can serve is loaded, past the 10,000-row cap',
        page: 'guarantees/1-complete.md',
        shownBy: [],
        open,
      },
      {
        claim: '1. A window closes only when the distinct ids equal Aircall’s count; else it is repaired or reported',
        page: 'guarantees/1-complete.md',
        shownBy: [],
        open,
      },
      {
        claim: '2. Exactly once in effect: after kill -9 at any instant the tables equal the source',
        page: 'guarantees/2-exactly-once.md',
        shownBy: [],
        open,
      },
      { claim: '2. A package is visible whole or not at all', page: 'guarantees/2-exactly-once.md', shownBy: [], open },
      {
        claim: '3. Kept right: a call or contact that changes later becomes right again',
        page: 'guarantees/3-kept-right.md',
        shownBy: [],
        open,
      },
      {
        claim: '4. Never forgets by accident: calls that age out of Aircall stay',
        page: 'guarantees/4-never-forgets.md',
        shownBy: [],
        open,
      },
      {
        claim: '4. Absence is confirmed before it counts; many absences are held until confirmed',
        page: 'guarantees/4-never-forgets.md',
        shownBy: [],
        open,
      },
      {
        claim: '5. Never over budget: in any rolling 60 s all processes together stay within quota minus reserve',
        page: 'guarantees/5-within-budget.md',
        shownBy: [],
        open,
      },
      { claim: '5. A 429 caused by others is waited out', page: 'guarantees/5-within-budget.md', shownBy: [], open },
      {
        claim: '6. One bad thing stays small: a bad value costs a value, a bad record a record, a failing stream that stream',
        page: 'guarantees/6-small-damage.md',
        shownBy: [],
        open,
      },
      {
        claim: '7. Two runs at once do not corrupt; the second waits or says who holds the lease',
        page: 'guarantees/7-two-runs.md',
        shownBy: [],
        open,
      },
      { claim: '7. A locked DuckDB file is waited for, naming the holder', page: 'guarantees/7-two-runs.md', shownBy: [], open },
      {
        claim: '8. Secrets stay secret: not in tables, logs, errors, process titles or packages',
        page: 'guarantees/8-secrets.md',
        shownBy: [],
        open,
      },
      { claim: '8. No telemetry', page: 'guarantees/8-secrets.md', shownBy: [], open },
      {
        claim: '9. Can forget on purpose',
        page: 'guarantees/9-forget.md',
        shownBy: [],
        open: 'Not built yet; it comes with the other destinations.',
      },
    ],
  },
  {
    title: 'Bad input and bad days',
    intro: 'What goes wrong, and what must come of it.',
    claims: [
      { claim: 'No credential: exit 2, with where to get a key', shownBy: [], open },
      { claim: 'A wrong credential: exit 3, with which one', shownBy: [], open },
      { claim: 'A product that is not in the plan: that stream is off with one notice, exit 0', shownBy: [], open },
      { claim: 'An unknown stream: exit 2 before any request, naming it and a valid one', shownBy: [], open },
      { claim: 'A malformed date: exit 2 before any request, with a valid example', shownBy: [], open },
      { claim: 'A folder that cannot be written: exit 2 before any request', shownBy: [], open },
      { claim: 'A destination URL that is not understood: exit 2 before any request, with a valid example', shownBy: [], open },
      { claim: 'A dataset equal to the DuckDB file’s stem: exit 2 before any request', shownBy: [], open },
      { claim: 'An unknown key in the config file: exit 2 before any request, naming it', shownBy: [], open },
      { claim: 'A start date beyond what Aircall serves: a notice, and it goes on', shownBy: [], open },
      { claim: '429 with headers, without, and for several minutes: it waits, shows the wait and finishes', shownBy: [], open },
      { claim: '5xx bursts, resets, truncated JSON, HTML answers, hanging sockets: retried within limits', shownBy: [], open },
      { claim: 'A stream that keeps failing fails alone: the others commit, exit 1, the next run repairs', shownBy: [], open },
      { claim: 'A field changes its type: widened, or the value quarantined; the row is loaded', shownBy: [], open },
      { claim: 'A new field and a new nested list appear as a column and a child table', shownBy: [], open },
      { claim: 'An integer beyond 64 bits: exact, or quarantined', shownBy: [], open },
      {
        claim:
          'NUL, the empty string, `NULL`, `\\N`, lone surrogates, 1 MB of text, right-to-left and zero-width characters: exact, or quarantined',
        shownBy: [],
        open,
      },
      { claim: 'A table or column dropped or altered by hand: healed, or reported by name', shownBy: [], open },
      { claim: 'The destination emptied by hand: exit 2 until adopted', shownBy: [], open },
      { claim: 'kill -9', shownBy: [], open },
      { claim: 'A full disk', shownBy: [], open },
      { claim: 'The clock set back', shownBy: [], open },
      { claim: 'Two syncs at once, in one folder and in two', shownBy: [], open },
      { claim: 'The DuckDB file is open elsewhere', shownBy: [], open },
      { claim: 'A wrong `meta.total`: noticed, repaired or reported, never an endless loop', shownBy: [], open },
      { claim: 'A page served twice: noticed', shownBy: [], open },
      { claim: 'No stable order within a second: noticed and repaired', shownBy: [], open },
      { claim: 'A deletion in the middle of a walk: noticed', shownBy: [], open },
      { claim: '10,000 calls and more in one second: read from both ends, or reported', shownBy: [], open },
      { claim: 'Rows ageing out while being read: never an endless loop', shownBy: [], open },
      { claim: 'Never a false deletion in 1,000 seeds', shownBy: [], open },
    ],
  },
  {
    title: 'Figures',
    intro: 'Goals and what was measured, each in one run with what it is compared to.',
    claims: [
      { claim: 'Requests of a first sync of n rows: at most 1.01 × Σ ceil(n/50) + 10', shownBy: [], open },
      {
        claim: 'Requests of a quiet second run: at most Σ ceil(n/50) over the list streams, 1 for contacts, and the pages of the last hour',
        shownBy: [],
        open,
      },
      { claim: 'Use of the allowed budget in a backfill at 300 ms latency: at least 98%, without one 429', shownBy: [], open },
      {
        claim: '100,000 nested calls into DuckDB, unthrottled: at least 12,000 calls/s and 0.35 of parsing and flattening alone',
        shownBy: [],
        open,
      },
      { claim: 'Peak memory of that run: at most 512 MB; a million calls within 10% of it', shownBy: [], open },
      { claim: 'One changed call, everything warm: `sync` in at most 1 s, process start included', shownBy: [], open },
      { claim: '20,000 changes into 1,000,000 calls with children: at most 1 s', shownBy: [], open },
      { claim: 'The simulator answers at least 1,000 list pages a second', shownBy: [], open },
      { claim: '`demo` takes less than 30 s after the install', shownBy: [], open },
      { claim: 'The tarball is at most 1 MB', shownBy: [{ file: 'test/package.test.ts', test: 'the tarball is at most 1 MB' }] },
      { claim: '`npm ci` brings at most 300 MB', shownBy: [{ file: 'test/package.test.ts', test: 'npm ci brings at most 300 MB' }] },
      { claim: 'The default test run takes less than ten minutes', shownBy: [], open },
    ],
  },
  {
    title: 'Parts',
    intro: 'What there is.',
    claims: [
      {
        claim: 'Rooms on shelves: every form of import, doors, circles',
        shownBy: [{ file: shelves, test: 'every room opens doors on lower shelves only, and no imports form a circle' }],
      },
      {
        claim: '`trunkline/client` loads neither DuckDB nor the store',
        shownBy: [{ file: shelves, test: 'the client on its own reaches neither DuckDB nor libsql nor the store' }],
      },
      { claim: 'The package, installed into an empty folder, runs `demo`', shownBy: [], open },
      { claim: 'The suite passes under Node 22 and 24', shownBy: [], open },
      { claim: 'All 96 endpoints, all entities and all 67 webhook events as data', shownBy: [], open },
      { claim: 'A typed client method for every endpoint that is not legacy', shownBy: [], open },
      { claim: 'All four families of error bodies; 401 and both 403s told apart', shownBy: [], open },
      { claim: 'Links to the next page are never followed to another origin', shownBy: [], open },
      { claim: 'Ids beyond 2^53 stay exact', shownBy: [], open },
      { claim: 'The simulator serves every endpoint', shownBy: [], open },
      { claim: 'Every unconfirmed fact about Aircall is a switch, and the model test passes with each flipped', shownBy: [], open },
      { claim: 'The store: several processes at once', shownBy: [], open },
      { claim: 'Nine streams, and seven that cost a request per call', shownBy: [], open },
      { claim: 'The destination conformance suite', shownBy: [], open },
      { claim: 'Other readers have a snapshot while a sync writes', shownBy: [], open },
      { claim: 'All commands, with their exit codes', shownBy: [], open },
      { claim: '`import { sync, open } from "trunkline"`', shownBy: [], open },
      { claim: 'What can be run of docs/query.md is run', shownBy: [], open },
      { claim: 'A random company through churn, faults and kills: the tables equal the truth', shownBy: [], open },
    ],
  },
];
