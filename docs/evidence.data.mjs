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
        shownBy: [
          { file: 'test/sync.test.ts', test: 'what lands equals what Aircall has, and the counts prove it' },
          {
            file: 'src/streams/read-range.test.ts',
            test: 'a list that holds still is read whole, past the cap, and proven from end to end',
          },
          { file: 'test/model.test.ts', test: 'life 1: whatever happens, the tables equal the truth in the end' },
        ],
      },
      {
        claim: '1. A window closes only when the distinct ids equal Aircall’s count; else it is repaired or reported',
        page: 'guarantees/1-complete.md',
        shownBy: [
          {
            file: 'src/streams/read-range.test.ts',
            test: 'what holds still while all around it appears, moves and vanishes is in every proof that covers it',
          },
          { file: 'src/streams/read-range.test.ts', test: 'a total that is wrong once is noticed and settled by reading again' },
          { file: 'src/streams/read-range.test.ts', test: 'a total that stays wrong ends as unproven, with every row that could be seen' },
        ],
      },
      {
        claim: '2. Exactly once in effect: after kill -9 at any instant the tables equal the source',
        page: 'guarantees/2-exactly-once.md',
        shownBy: [
          {
            file: 'test/kill.test.ts',
            test: 'killed ten times at random moments (life 1), the program ends with tables that equal the truth',
          },
          { file: 'src/destinations/duckdb/duckdb.test.ts', test: 'killed > at any instant a package is there whole or not at all' },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'killed > at every boundary a package is there whole or not at all, and the next start goes on',
          },
        ],
      },
      {
        claim: '2. A package is visible whole or not at all',
        page: 'guarantees/2-exactly-once.md',
        shownBy: [
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'the commit > when one table of a package cannot be loaded, nothing of the package is there',
          },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'the commit > a reader never sees an empty table or a state that its rows do not imply',
          },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'the commit > a sealed package loads once, also when it is loaded twice at the same time',
          },
        ],
      },
      {
        claim: '3. Kept right: a call or contact that changes later becomes right again',
        page: 'guarantees/3-kept-right.md',
        shownBy: [
          { file: 'test/model.test.ts', test: 'life 1: whatever happens, the tables equal the truth in the end' },
          {
            file: 'src/streams/streams.test.ts',
            test: 'a contact that changed and one that is new come with the next run, for one request',
          },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'patches > a row asked for after the event wins whole; one asked for before fills only what no event named',
          },
        ],
      },
      {
        claim: '4. Never forgets by accident: calls that age out of Aircall stay',
        page: 'guarantees/4-never-forgets.md',
        shownBy: [
          { file: 'test/model.test.ts', test: 'life 1: whatever happens, the tables equal the truth in the end' },
          { file: 'src/simulator/churn.test.ts', test: 'calls age out while they are read, the oldest first' },
        ],
      },
      {
        claim: '4. Absence is confirmed before it counts; many absences are held until confirmed',
        page: 'guarantees/4-never-forgets.md',
        shownBy: [
          {
            file: 'test/guarantees-deletions.test.ts',
            test: 'up to 50 absent rows are asked for one by one, more are looked for in a second listing',
          },
          {
            file: 'test/guarantees-deletions.test.ts',
            test: 'more than 10 rows and more than a fifth of all contacts are held until somebody confirms',
          },
          { file: 'test/guarantees-deletions.test.ts', test: '404 for everything, also for what is there, deletes nothing' },
          { file: 'test/model-deletions.test.ts', test: 'restless lists 1: nothing alive is marked deleted, and every run ends' },
        ],
      },
      {
        claim: '5. Never over budget: in any rolling 60 s all processes together stay within quota minus reserve',
        page: 'guarantees/5-within-budget.md',
        shownBy: [
          {
            file: 'src/store/budget/budget.test.ts',
            test: 'any interleaving > never holds more slots in any window than are allowed, and serves everybody in the end',
          },
          { file: 'src/store/processes.test.ts', test: 'processes that share a budget never pass it, and all of them get on' },
          {
            file: 'src/store/processes.test.ts',
            test: 'processes killed at any instant leave neither too many requests nor lost slots behind',
          },
          { file: 'test/model.test.ts', test: 'life 2001, on a small budget that is never passed in any 60 s' },
        ],
      },
      {
        claim: '5. A 429 caused by others is waited out',
        page: 'guarantees/5-within-budget.md',
        shownBy: [
          { file: 'test/bad-days.test.ts', test: 'several minutes of nothing but 429 are waited out' },
          { file: 'src/store/processes.test.ts', test: 'a 429 that one process met stops another' },
        ],
      },
      {
        claim: '6. One bad thing stays small: a bad value costs a value, a bad record a record, a failing stream that stream',
        page: 'guarantees/6-small-damage.md',
        shownBy: [
          {
            file: 'test/bad-days-values.test.ts',
            test: 'a record without its key, or that is no object at all, is set aside and the others are loaded',
          },
          { file: 'test/bad-days-values.test.ts', test: 'a declared field of another type is stored or set aside, never altered' },
          { file: 'test/bad-days.test.ts', test: '500, again and again: that stream fails alone, and the next run repairs' },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'poison > a value that does not fit costs the value, a line without a key the line, and the next package is not blocked',
          },
        ],
      },
      {
        claim: '7. Two runs at once do not corrupt; the second waits or says who holds the lease',
        page: 'guarantees/7-two-runs.md',
        shownBy: [
          { file: 'src/destinations/duckdb/duckdb.test.ts', test: 'one writer > a second writer is refused and told who the first one is' },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'one writer > a writer whose lease ran out goes on while nobody took it, and no longer when somebody did',
          },
          { file: 'src/cli/commands.test.ts', test: 'a destination leased by another run ends with 4 and names it' },
        ],
      },
      {
        claim: '7. A locked DuckDB file is waited for, naming the holder',
        page: 'guarantees/7-two-runs.md',
        shownBy: [
          {
            file: 'src/destinations/duckdb/open-files.test.ts',
            test: 'a file that another program has open is waited for, naming the program',
          },
          {
            file: 'src/destinations/duckdb/open-files.test.ts',
            test: 'a file that is not given back in time is reported with its holder, and nothing is lost',
          },
        ],
      },
      {
        claim: '8. Secrets stay secret: not in tables, logs, errors, process titles or packages',
        page: 'guarantees/8-secrets.md',
        shownBy: [
          {
            file: 'test/guarantees-secrets.test.ts',
            test: 'the program leaves no secret in its folder, its history of runs or its output, whether a run succeeds or fails',
          },
          { file: 'src/cli/commands.test.ts', test: 'a credential in the environment is written nowhere' },
          { file: 'src/cli/commands.test.ts', test: 'explain shows each setting and where it came from, and no secret' },
          { file: 'src/client/send.test.ts', test: 'nothing that was sent or answered is in an error, however it is looked at' },
          {
            file: 'src/client/refusal.test.ts',
            test: 'a refusal says which endpoint, which status, what is known about why, and never what was sent',
          },
          { file: 'src/load/package-store.test.ts', test: 'only this user can read packages' },
        ],
      },
      {
        claim: '8. No telemetry',
        page: 'guarantees/8-secrets.md',
        shownBy: [
          {
            prose:
              'Connections are opened by src/client/transport.ts alone, to the configured address. The one exception is the simulator, which delivers its webhooks to the addresses registered with it.',
          },
        ],
      },
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
      {
        claim: 'No credential: exit 2, with where to get a key',
        shownBy: [{ file: 'src/cli/bad-input.test.ts', test: 'credentials > none: where to make one' }],
      },
      {
        claim: 'A wrong credential: exit 3, with which one',
        shownBy: [
          { file: 'src/cli/bad-input.test.ts', test: 'credentials > refused by Aircall: exit 3, which one, and where to get a key' },
        ],
      },
      {
        claim: 'A product that is not in the plan: that stream is off with one notice, exit 0',
        shownBy: [
          {
            file: 'test/bad-days.test.ts',
            test: 'AI streams of a product that is not in the plan are off with one notice each, and the run is complete',
          },
        ],
      },
      {
        claim: 'An unknown stream: exit 2 before any request, naming it and a valid one',
        shownBy: [{ file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > an unknown stream' }],
      },
      {
        claim: 'A malformed date: exit 2 before any request, with a valid example',
        shownBy: [
          { file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a malformed date' },
          { file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a date that does not exist' },
        ],
      },
      {
        claim: 'A folder that cannot be written: exit 2 before any request',
        shownBy: [
          { file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a home folder that is a file' },
          { file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a destination in a folder that is a file' },
        ],
      },
      {
        claim: 'A destination URL that is not understood: exit 2 before any request, with a valid example',
        shownBy: [
          { file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a destination nobody knows' },
          { file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a path instead of a URL' },
        ],
      },
      {
        claim: 'A dataset equal to the DuckDB file’s stem: exit 2 before any request',
        shownBy: [{ file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > a dataset like the file' }],
      },
      {
        claim: 'An unknown key in the config file: exit 2 before any request, naming it',
        shownBy: [{ file: 'src/cli/bad-input.test.ts', test: 'exit 2, before any request > an unknown key in the configuration file' }],
      },
      {
        claim: 'A start date beyond what Aircall serves: a notice, and it goes on',
        shownBy: [{ file: 'src/cli/bad-input.test.ts', test: 'a start date beyond the six months is a notice, and the sync goes on' }],
      },
      {
        claim: '429 with headers, without, and for several minutes: it waits, shows the wait and finishes',
        shownBy: [
          { file: 'test/bad-days.test.ts', test: 'a 429 with headers is waited out, and the wait is told' },
          { file: 'test/bad-days.test.ts', test: 'a 429 that says nothing more is waited out, and the wait is told' },
          { file: 'test/bad-days.test.ts', test: 'several minutes of nothing but 429 are waited out' },
        ],
      },
      {
        claim: '5xx bursts, resets, truncated JSON, HTML answers, hanging sockets: retried within limits',
        shownBy: [
          { file: 'test/bad-days.test.ts', test: '500, once in a while: tried again within the run' },
          { file: 'test/bad-days.test.ts', test: 'a broken connection, once in a while: tried again within the run' },
          { file: 'test/bad-days.test.ts', test: 'truncated JSON, once in a while: tried again within the run' },
          { file: 'test/bad-days.test.ts', test: '200 with a page for people, once in a while: tried again within the run' },
          { file: 'test/bad-days.test.ts', test: 'silence, once in a while: tried again within the run' },
        ],
      },
      {
        claim: 'A stream that keeps failing fails alone: the others commit, exit 1, the next run repairs',
        shownBy: [
          {
            file: 'test/bad-days.test.ts',
            test: 'a broken connection, again and again: that stream fails alone, and the next run repairs',
          },
          { file: 'test/bad-days.test.ts', test: 'truncated JSON, again and again: that stream fails alone, and the next run repairs' },
          { file: 'test/bad-days.test.ts', test: 'silence, again and again: that stream fails alone, and the next run repairs' },
        ],
      },
      {
        claim: 'A field changes its type: widened, or the value quarantined; the row is loaded',
        shownBy: [
          { file: 'test/bad-days-values.test.ts', test: 'a field that changes its type between two runs loses nothing' },
          { file: 'test/bad-days-values.test.ts', test: 'a declared field of another type is stored or set aside, never altered' },
        ],
      },
      {
        claim: 'A new field and a new nested list appear as a column and a child table',
        shownBy: [{ file: 'test/bad-days-values.test.ts', test: 'new fields, objects and lists become columns and tables of their own' }],
      },
      {
        claim: 'An integer beyond 64 bits: exact, or quarantined',
        shownBy: [
          { file: 'test/bad-days-values.test.ts', test: 'integers beyond 64 bits keep every digit' },
          { file: 'test/bad-days-values.test.ts', test: 'an id beyond 2^53 is a key like any other' },
        ],
      },
      {
        claim:
          'NUL, the empty string, `NULL`, `\\N`, lone surrogates, 1 MB of text, right-to-left and zero-width characters: exact, or quarantined',
        shownBy: [
          {
            file: 'test/bad-days-values.test.ts',
            test: 'a NUL character is loaded exactly or set aside in plain sight, and the row is there all the same',
          },
          { file: 'test/bad-days-values.test.ts', test: 'an empty text is loaded exactly' },
          { file: 'test/bad-days-values.test.ts', test: 'the text NULL is loaded exactly' },
          {
            file: 'test/bad-days-values.test.ts',
            test: 'a lone surrogate is loaded exactly or set aside in plain sight, and the row is there all the same',
          },
          { file: 'test/bad-days-values.test.ts', test: 'a text of one megabyte is loaded exactly' },
          { file: 'test/bad-days-values.test.ts', test: 'right-to-left text is loaded exactly' },
          { file: 'test/bad-days-values.test.ts', test: 'zero-width characters is loaded exactly' },
        ],
      },
      {
        claim: 'A table or column dropped or altered by hand: healed, or reported by name',
        shownBy: [
          { file: 'test/bad-days-destination.test.ts', test: 'a table dropped by hand is named and filled again' },
          { file: 'test/bad-days-destination.test.ts', test: 'a column dropped by hand is named and filled again' },
          {
            file: 'test/bad-days-destination.test.ts',
            test: 'a column altered by hand (users.wrap_up_time to SMALLINT) is reported by name, and the other streams go on',
          },
        ],
      },
      {
        claim: 'The destination emptied by hand: exit 2 until adopted',
        shownBy: [
          {
            file: 'test/bad-days-destination.test.ts',
            test: 'a destination that was emptied is refused until somebody says that this was meant',
          },
          { file: 'src/cli/commands.test.ts', test: 'an emptied destination needs to be adopted' },
        ],
      },
      {
        claim: 'kill -9',
        shownBy: [
          {
            file: 'test/kill.test.ts',
            test: 'killed ten times at random moments (life 1), the program ends with tables that equal the truth',
          },
        ],
      },
      {
        claim: 'A full disk',
        shownBy: [
          { file: 'src/load/package-store.test.ts', test: 'when the disk is full no package is sealed, and the reason is told' },
          {
            file: 'src/destinations/duckdb/load.test.ts',
            test: 'a disk that becomes full in the middle of a load is named, and the package loads when there is room',
          },
        ],
      },
      {
        claim: 'The clock set back',
        shownBy: [
          {
            file: 'test/guarantees.test.ts',
            test: 'observations go on after those of a package that waited, even when the clock was set back',
          },
          {
            file: 'src/store/budget/budget.test.ts',
            test: 'several processes > neither a clock set back nor one set forward frees a slot early or keeps it longer',
          },
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'one writer > a clock that is set back does not keep the lease of a machine that is gone',
          },
        ],
      },
      {
        claim: 'Two syncs at once, in one folder and in two',
        shownBy: [
          { file: 'test/kill.test.ts', test: 'a second sync at once, in the same folder, ends with 4 and names the first' },
          { file: 'test/kill.test.ts', test: 'a second sync at once, in another folder, ends with 4 and names the first' },
        ],
      },
      {
        claim: 'The DuckDB file is open elsewhere',
        shownBy: [
          {
            file: 'src/destinations/duckdb/open-files.test.ts',
            test: 'a file that another program has open is waited for, naming the program',
          },
        ],
      },
      {
        claim: 'A wrong `meta.total`: noticed, repaired or reported, never an endless loop',
        shownBy: [
          { file: 'src/streams/read-range.test.ts', test: 'a total that is wrong once is noticed and settled by reading again' },
          {
            file: 'test/bad-days.test.ts',
            test: 'a total that is wrong on every page is reported, costs a bounded number of requests, and is repaired later',
          },
        ],
      },
      {
        claim: 'A page served twice: noticed',
        shownBy: [
          { file: 'test/bad-days.test.ts', test: 'a page served twice in place of its successor is noticed and made good' },
          {
            file: 'test/bad-days.test.ts',
            test: 'every page shows the rows of the one before it, for ever: made good or reported, never an endless loop',
          },
        ],
      },
      {
        claim: 'No stable order within a second: noticed and repaired',
        shownBy: [
          {
            file: 'src/streams/read-range.test.ts',
            test: 'a list that holds still is read whole, past the cap, and proven from end to end',
          },
          { file: 'src/simulator/calls.test.ts', test: 'ties that cross a page border are lost and doubled by a naive walk' },
        ],
      },
      {
        claim: 'A deletion in the middle of a walk: noticed',
        shownBy: [
          {
            file: 'src/streams/read-range.test.ts',
            test: 'what holds still while all around it appears, moves and vanishes is in every proof that covers it',
          },
        ],
      },
      {
        claim: '10,000 calls and more in one second: read from both ends, or reported',
        shownBy: [
          { file: 'src/streams/read-range.test.ts', test: 'a second with more rows than can be reached is read part by part, or reported' },
        ],
      },
      {
        claim: 'Rows ageing out while being read: never an endless loop',
        shownBy: [{ file: 'src/streams/read-range.test.ts', test: 'the oldest window is proven although rows leave it while it is read' }],
      },
      {
        claim: 'Never a false deletion in 1,000 seeds',
        shownBy: [{ file: 'test/model-deletions.test.ts', test: 'restless lists 1: nothing alive is marked deleted, and every run ends' }],
      },
    ],
  },
  {
    title: 'Figures',
    intro: 'Goals and what was measured, each in one run with what it is compared to.',
    claims: [
      {
        claim: 'Requests of a first sync of n rows: at most 1.01 × Σ ceil(n/50) + 10',
        shownBy: [
          { bench: 'requests', figure: 'requests of a first sync of 25,000 calls and 12,000 contacts, rows of a second in one order' },
          { bench: 'requests', figure: 'requests of a first sync of 25,000 calls and 12,000 contacts, rows of a second in changing order' },
          { bench: 'requests', figure: 'requests of a first sync of 100,000 calls and 12,000 contacts, rows of a second in one order' },
          {
            bench: 'requests',
            figure: 'requests of a first sync of 100,000 calls and 12,000 contacts, rows of a second in changing order',
          },
        ],
      },
      {
        claim: 'Requests of a quiet second run: at most Σ ceil(n/50) over the list streams, 1 for contacts, and the pages of the last hour',
        shownBy: [
          {
            bench: 'requests',
            figure: 'requests of a quiet second sync of 25,000 calls and 12,000 contacts, rows of a second in one order',
          },
          {
            bench: 'requests',
            figure: 'requests of a quiet second sync of 25,000 calls and 12,000 contacts, rows of a second in changing order',
          },
          {
            bench: 'requests',
            figure: 'requests of a quiet second sync of 100,000 calls and 12,000 contacts, rows of a second in one order',
          },
          {
            bench: 'requests',
            figure: 'requests of a quiet second sync of 100,000 calls and 12,000 contacts, rows of a second in changing order',
          },
        ],
      },
      {
        claim: 'Use of the allowed budget in a backfill at 300 ms latency: at least 98%, without one 429',
        shownBy: [
          { bench: 'budget', figure: 'use of the allowed requests in a backfill, with clocks 10 times as fast' },
          { bench: 'budget', figure: 'refusals (429) in that backfill, with clocks 10 times as fast' },
          { bench: 'budget', figure: 'use of the allowed requests in a backfill, at the world’s own pace' },
          { bench: 'budget', figure: 'refusals (429) in that backfill, at the world’s own pace' },
        ],
      },
      {
        claim: '100,000 nested calls into DuckDB, unthrottled: at least 12,000 calls/s and 0.35 of parsing and flattening alone',
        shownBy: [
          { bench: 'throughput', figure: '100,000 nested calls with children into DuckDB' },
          { bench: 'throughput', figure: 'the same as a share of parsing and flattening alone' },
        ],
      },
      {
        claim: 'Peak memory of that run: at most 512 MB; a million calls within 10% of it',
        shownBy: [{ bench: 'throughput', figure: 'peak memory of the process that syncs 100,000 calls' }],
      },
      {
        claim: 'One changed call, everything warm: `sync` in at most 1 s, process start included',
        shownBy: [{ bench: 'one-change', figure: '`trunkline sync` after one call has changed' }],
      },
      {
        claim: '20,000 changes into 1,000,000 calls with children: at most 1 s',
        shownBy: [{ bench: 'merge', figure: '20,000 changes, with children, into 1,000,000 calls in DuckDB' }],
      },
      { claim: 'The simulator answers at least 1,000 list pages a second', shownBy: [], open },
      {
        claim: '`demo` takes less than 30 s after the install',
        shownBy: [{ bench: 'demo', figure: '`trunkline demo` in an empty folder' }],
      },
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
      {
        claim: 'The package, installed into an empty folder, runs `demo`',
        shownBy: [{ file: 'test/package.test.ts', test: 'the package, installed into an empty folder, runs demo' }],
      },
      { claim: 'The suite passes under Node 22 and 24', shownBy: [], open },
      {
        claim: 'All 96 endpoints, all entities and all 67 webhook events as data',
        shownBy: [
          { file: 'src/aircall/api.test.ts', test: 'every one of the 96 documented routes is described exactly once' },
          { file: 'src/aircall/events.test.ts', test: 'all 67 documented events are described once' },
        ],
      },
      {
        claim: 'A typed client method for every endpoint that is not legacy',
        shownBy: [
          { file: 'src/client/aircall.test.ts', test: 'every endpoint has its method' },
          { file: 'src/client/aircall.test.ts', test: 'parameters and results are typed by the description of the API' },
        ],
      },
      {
        claim: 'All four families of error bodies; 401 and both 403s told apart',
        shownBy: [
          { file: 'src/aircall/errors.test.ts', test: 'each family is recognised and gives Aircall’s own words' },
          {
            file: 'src/aircall/errors.test.ts',
            test: '403 from the edge is a bad credential, from the application a missing product, from elsewhere a barrier',
          },
        ],
      },
      {
        claim: 'Links to the next page are never followed to another origin',
        shownBy: [{ file: 'src/client/listing.test.ts', test: 'links are not followed, wherever they lead' }],
      },
      {
        claim: 'Ids beyond 2^53 stay exact',
        shownBy: [
          { file: 'src/client/exact-json.test.ts', test: 'integers beyond 2^53 keep every digit, wherever they stand' },
          { file: 'test/bad-days-values.test.ts', test: 'an id beyond 2^53 is a key like any other' },
        ],
      },
      {
        claim: 'The simulator serves every endpoint',
        shownBy: [{ file: 'src/simulator/endpoints.test.ts', test: 'there are 96 endpoints' }],
      },
      {
        claim: 'Every unconfirmed fact about Aircall is a switch, and the model test passes with each flipped',
        shownBy: [
          { file: 'test/model.test.ts', test: 'every open question about reading is among the lives below' },
          { file: 'test/model.test.ts', test: "a life in which 'totalAboveCap' is 'clamped'" },
          { file: 'test/model.test.ts', test: "a life in which 'usersV2' is 'refused'" },
        ],
      },
      {
        claim: 'The store: several processes at once',
        shownBy: [
          { file: 'src/store/processes.test.ts', test: 'databases opened by several processes at once get each migration once' },
          { file: 'src/store/processes.test.ts', test: 'processes that share a budget never pass it, and all of them get on' },
        ],
      },
      {
        claim: 'Nine streams, and seven that cost a request per call',
        shownBy: [
          { file: 'test/sync.test.ts', test: 'what lands equals what Aircall has, and the counts prove it' },
          {
            file: 'src/streams/calls-to-ask.test.ts',
            test: 'every answered call is asked for once, and a second read asks for none of them again',
          },
        ],
      },
      {
        claim: 'The destination conformance suite',
        shownBy: [
          {
            file: 'src/destinations/duckdb/duckdb.test.ts',
            test: 'the commit > random packages in random order leave what a simple model says',
          },
        ],
      },
      {
        claim: 'Other readers have a snapshot while a sync writes',
        shownBy: [
          {
            file: 'src/destinations/duckdb/snapshot.test.ts',
            test: 'while another process has the file its snapshot answers and says how old it is',
          },
          {
            file: 'src/destinations/duckdb/snapshot.test.ts',
            test: 'readers of the snapshot see the old one or the new one, never a part',
          },
        ],
      },
      {
        claim: 'All commands, with their exit codes',
        shownBy: [
          {
            file: 'src/cli/commands.test.ts',
            test: 'sync loads everything and proves it; run again it reads only what changed; status and its runs tell of both',
          },
          { file: 'src/cli/commands.test.ts', test: 'an interrupted sync ends with 130 and goes on later' },
          {
            file: 'src/cli/commands.test.ts',
            test: 'demo loads a company, compares it, asks it three questions, and is never mixed with a real one',
          },
          { file: 'test/program.test.ts', test: 'the first interrupt ends a sync in good order with 130, and the next sync goes on' },
        ],
      },
      {
        claim: '`import { sync, open } from "trunkline"`',
        shownBy: [
          { file: 'src/library/library.test.ts', test: 'a program syncs with a credential and a URL, hears of it, and reads typed rows' },
        ],
      },
      {
        claim: 'What can be run of docs/query.md is run',
        shownBy: [{ file: 'test/query-docs.test.ts', test: 'the statements in the documentation answer' }],
      },
      {
        claim: 'A random company through churn, faults and kills: the tables equal the truth',
        shownBy: [
          { file: 'test/model.test.ts', test: 'life 1: whatever happens, the tables equal the truth in the end' },
          { file: 'test/model.test.ts', test: 'life 1002, loaded into DuckDB' },
        ],
      },
    ],
  },
  {
    title: 'Connectors',
    intro: 'The streams of sync under two platforms, each against a strict double of its runtime.',
    claims: [
      {
        claim: 'Airbyte: spec and discover keep the rules of the platform, and discover is stable in its bytes',
        shownBy: [
          { file: 'test/airbyte.test.ts', test: 'spec describes a form that keeps every rule for forms' },
          { file: 'test/airbyte.test.ts', test: 'discover lists the streams of sync, the same bytes every time, and asks Aircall nothing' },
        ],
      },
      {
        claim: 'Airbyte: the configuration of the platform’s own connector is understood',
        shownBy: [
          { file: 'test/airbyte.test.ts', test: 'the document of Airbyte’s own connector fits the form, with milliseconds and without' },
        ],
      },
      {
        claim: 'Airbyte: every checkpoint resumes exactly; states in every legal form; a state in the far future',
        shownBy: [
          { file: 'test/airbyte.test.ts', test: 'from every checkpoint a read brings exactly what came after it' },
          { file: 'test/airbyte.test.ts', test: 'a state is understood in every form in which it may be handed over' },
          {
            file: 'test/airbyte.test.ts',
            test: 'a state in the far future brings no records and one state for each stream, whoever wrote it',
          },
        ],
      },
      {
        claim: 'Airbyte: under churn, faults and kill -9 the tables become what Aircall has',
        shownBy: [
          {
            file: 'test/airbyte-life.test.ts',
            test: 'through churn, faults and reads that die, the tables become what Aircall has (seed 1)',
          },
          {
            file: 'test/airbyte-process.test.ts',
            test: 'killed with -9 at any line, the source goes on from the last committed states and nothing is missing',
          },
        ],
      },
      {
        claim: 'Airbyte: a stream fails alone; waits are told; deletions come as marked rows; secrets stand in no line',
        shownBy: [
          { file: 'test/airbyte-read.test.ts', test: 'a stream that fails fails alone, keeps what it had, and the next read mends it' },
          {
            file: 'test/airbyte-read.test.ts',
            test: 'deletions come as marked rows; very many of them are held until they are confirmed, once',
          },
          { file: 'test/airbyte-read.test.ts', test: 'secrets stand in no line, not even when the API sends them back' },
        ],
      },
      {
        claim: 'Airbyte: a first and a quiet read cost the requests of sync',
        shownBy: [{ file: 'test/airbyte-read.test.ts', test: 'a first read and a quiet one cost the requests that sync pays' }],
      },
      {
        claim: 'Airbyte: records reach stdout at least as fast as sync loads them, in the same run; memory stays small',
        shownBy: [
          { bench: 'airbyte', figure: '100,000 nested calls to stdout of the Airbyte source, state included' },
          { bench: 'airbyte', figure: 'the same against sync, run by run' },
          { bench: 'airbyte', figure: 'peak memory of the read of 100,000 calls' },
          { bench: 'airbyte', figure: 'peak memory of the read at 1,000,000 calls against 100,000' },
        ],
      },
      {
        claim: 'Estuary Flow: every request is answered in order, strictly, on one stream of stdin',
        shownBy: [
          {
            file: 'test/estuary.test.ts',
            test: 'every request is answered once, after spec on the same stdin, by a process that ends with its input',
          },
          { file: 'test/estuary.test.ts', test: 'what is discovered is the same, byte for byte, in every process and for every account' },
          {
            file: 'test/estuary.test.ts',
            test: 'the schemas are sound, their defaults fit, and every resource has a path, a key and a way to be deleted',
          },
        ],
      },
      {
        claim: 'Estuary Flow: under churn, faults and kills at any byte the collections equal what Aircall has',
        shownBy: [
          {
            file: 'test/estuary-lives.test.ts',
            test: 'through churn, faults and sessions that end anywhere, the collections end equal to what Aircall has',
          },
          {
            file: 'test/estuary-lives.test.ts',
            test: 'killed at any byte and started again from the last commit, the collections end equal to what Aircall has',
          },
        ],
      },
      {
        claim: 'Estuary Flow: deletions are tombstones; history beside the live edge; intervals and re-reads from the configuration',
        shownBy: [
          {
            file: 'test/estuary-session.test.ts',
            test: 'what is gone at Aircall is a tombstone: short lists at once, contacts with the next sweep',
          },
          {
            file: 'test/estuary-session.test.ts',
            test: 'while the history is still being read, a call that begins is captured within its interval',
          },
          { file: 'test/estuary-session.test.ts', test: 'calls are read again as the schedule of the configuration says' },
        ],
      },
      {
        claim: 'Estuary Flow: bad input is refused in a sentence, and nothing of a secret is anywhere',
        shownBy: [
          {
            file: 'test/estuary.test.ts',
            test: 'bad input is refused with a sentence that says what is wrong, before anything is captured, and without a secret',
          },
          {
            file: 'test/estuary-session.test.ts',
            test: 'a value that does not fit is in the document’s _meta, and nothing of a secret or a signed link is anywhere',
          },
        ],
      },
      {
        claim: 'Estuary Flow: a first and a quiet session cost the requests of sync',
        shownBy: [{ file: 'test/estuary-session.test.ts', test: 'a first and a quiet session cost exactly as many requests as sync' }],
      },
      {
        claim: 'Estuary Flow: documents reach stdout at least as fast as sync loads them, in the same run; memory stays small',
        shownBy: [
          { bench: 'estuary', figure: '100,000 nested calls to stdout of the Flow capture, state included' },
          { bench: 'estuary', figure: 'the same against sync, run by run' },
          { bench: 'estuary', figure: 'peak memory of the capture of 100,000 calls' },
        ],
      },
    ],
  },
  {
    title: 'The gateway for agents',
    intro:
      'What stands between an agent and Aircall. The pages on security and on the OWASP MCP Top 10 name more tests, line by line; a test of the project sees to it that they exist.',
    claims: [
      {
        claim: 'A plain client of Aircall’s API does real work within its grants and nothing beyond them',
        shownBy: [
          { file: 'src/gateway/rest/core-endpoints.test.ts', test: 'there is work for every core endpoint that agents may have' },
          { file: 'test/serve.test.ts', test: 'an agent does what it was granted, and nothing else; the log tells, and verifies' },
        ],
      },
      {
        claim: 'Denied by default over the whole catalogue; the decision agrees with Cedar',
        shownBy: [
          {
            file: 'src/gateway/policy/decide.properties.test.ts',
            test: 'without grants and rules everything is denied, to everybody, whatever the request',
          },
          { file: 'src/gateway/policy/cedar.test.ts', test: 'Cedar lets through exactly what we let through' },
        ],
      },
      {
        claim: 'Every endpoint is a capability with all its facts, or is never offered to agents',
        shownBy: [
          {
            file: 'src/gateway/capabilities/capabilities.test.ts',
            test: 'every endpoint is a capability, but for those that no agent ever gets, each with its reason',
          },
        ],
      },
      {
        claim: 'Nothing goes to Aircall without a durable record; a log that was altered is named',
        shownBy: [
          {
            file: 'src/gateway/flow/gateway.test.ts',
            test: 'when the intent cannot be recorded, nothing goes to Aircall; denials are not given either',
          },
          { file: 'src/gateway/audit/verify.test.ts', test: 'any single changed character of any stored cell is found' },
          {
            file: 'src/gateway/audit/processes.test.ts',
            test: 'of a process killed at any instant every acknowledged record is there, with what was to be stored with it, and the chain holds',
          },
        ],
      },
      {
        claim: 'Hidden is absent, masked is nowhere, outside text stands apart',
        shownBy: [
          {
            file: 'src/gateway/rest/refusals.test.ts',
            test: 'a row outside the limits and one that does not exist look the same, cost the same, and are told apart in the log',
          },
          {
            file: 'src/gateway/filter/filter-answer.test.ts',
            test: 'a phone number that is not to be shown stands nowhere in the answer, in no grouping, no script and no field',
          },
          {
            file: 'src/gateway/filter/filter-answer.test.ts',
            test: 'hostile text in any field of any answer stands under untrustedText alone, and cleaned',
          },
        ],
      },
      {
        claim: 'A confirmation, an approval, an idempotency key acts once, for the very request',
        shownBy: [
          {
            file: 'src/gateway/friction/friction.model.test.ts',
            test: 'no token, approval or key ever acts twice, for anything else, under other rules, or too late',
          },
        ],
      },
      {
        claim: 'The demo of agents tells the whole story in under half a minute',
        shownBy: [
          {
            file: 'src/cli/agents-demo.test.ts',
            test: 'the demo of agents tells the whole story within half a minute and leaves nothing behind',
          },
        ],
      },
      {
        claim: 'MCP: the official client works in both eras, and REST and MCP agree',
        shownBy: [
          {
            file: 'src/gateway/mcp/clients.test.ts',
            test: 'a client of the modern era sees the tools it was granted and no others, and reads with them',
          },
        ],
      },
      {
        claim: 'An agent built on the official MCP client answers which calls were missed yesterday',
        shownBy: [
          {
            file: 'test/agent-example.test.ts',
            test: 'the example of an agent tells which calls were missed yesterday, with masked numbers',
          },
        ],
      },
      {
        claim: 'Random requests under random policies: none reaches Aircall that was not granted and recorded',
        shownBy: [
          {
            file: 'src/gateway/storm.test.ts',
            test: 'under random policies no random request reaches Aircall without its intent, nor against a level, a rule, a guardrail or a limit',
          },
          {
            file: 'src/gateway/million.test.ts',
            test: 'of thousands of random requests, hostile ones among them, under policies that change meanwhile, none reaches Aircall that was not granted and recorded, and nothing comes back that was not granted',
          },
          { file: 'src/gateway/million.test.ts', test: 'a gateway that does not wait for its intents is found out' },
        ],
      },
      {
        claim: 'Whoever can write the gateway’s file, but has no keys, changes no decision',
        shownBy: [
          { file: 'test/gateway-forged.test.ts', test: 'a well-formed policy that somebody puts on top is not obeyed' },
          { file: 'test/gateway-forged.test.ts', test: 'an approval is not given, and not given again, by writing it into the file' },
        ],
      },
      {
        claim: 'Old records of the log go into files, one chain goes through both, and a kill loses nothing',
        shownBy: [
          {
            file: 'src/gateway/audit/archive.test.ts',
            test: 'archived at any places, in between whatever is appended, the log and the files are clean and nothing is lost',
          },
          { file: 'src/gateway/audit/archive.test.ts', test: 'any changed byte of any file is found' },
          {
            file: 'src/gateway/audit/archive-processes.test.ts',
            test: 'killed at any instant, again and again, and with records added in between, it loses nothing and makes nothing twice',
          },
        ],
      },
      {
        claim: 'Tokens of the company’s identity provider say who asks, and grant nothing',
        shownBy: [
          {
            file: 'src/gateway/agents/token-book.test.ts',
            test: 'a bad token is refused on both surfaces, as any stranger is, and the log says why',
          },
          {
            file: 'src/gateway/agents/token-book.test.ts',
            test: 'whatever a token says grants nothing, and a missing grant is told where an agent can read it',
          },
        ],
      },
      {
        claim: 'Ten agents and a backfill share the budget: no 429, equal shares, nobody waits in vain',
        shownBy: [
          {
            file: 'test/gateway-budget.test.ts',
            test: 'ten agents, two of them greedy, and a backfill: no 429, equal shares, and the modest do not wait in vain',
          },
        ],
      },
      {
        claim: 'A connection cut in the middle of a write: finished, recorded, not done twice',
        shownBy: [
          {
            file: 'src/gateway/mcp/hostile.test.ts',
            test: 'a connection cut in the middle of a write: it is finished and recorded, and not done twice with the same key',
          },
        ],
      },
      {
        claim: 'What a decision, a record and its proof cost',
        shownBy: [
          { bench: 'decide', figure: 'a decision, 99 of 100' },
          { bench: 'audit', figure: 'a record safe from the death of the process, one after the other' },
          { bench: 'audit', figure: 'a record safe from a loss of power, one after the other' },
          { bench: 'audit', figure: 'records verified' },
        ],
      },
      {
        claim: 'What the protocol costs an MCP client, with a flow behind it that answers at once',
        shownBy: [
          { bench: 'mcp', figure: 'a list of all tools, half of them' },
          { bench: 'mcp', figure: 'a list of all tools, 99 of 100' },
          { bench: 'mcp', figure: 'a call, half of them' },
          { bench: 'mcp', figure: 'a call, 99 of 100' },
        ],
      },
      {
        claim: 'What the gateway costs a request, beside asking Aircall directly in the same run',
        shownBy: [
          {
            bench: 'gateway',
            figure:
              'a read of one call through the gateway, over one without, half of them; its records safe from the death of the process',
          },
          {
            bench: 'gateway',
            figure: 'a read of one call through the gateway, over one without, 99 of 100; its records safe from the death of the process',
          },
          {
            bench: 'gateway',
            figure:
              'a read of 20 calls through the gateway, over one without, half of them; its records safe from the death of the process',
          },
          {
            bench: 'gateway',
            figure: 'a read of 20 calls through the gateway, over one without, 99 of 100; its records safe from the death of the process',
          },
          { bench: 'gateway', figure: 'refusals, 32 at once' },
          { bench: 'gateway', figure: 'allowed reads from the cache, 16 at once' },
          { bench: 'gateway', figure: 'memory that the process holds after 50,000 requests more' },
          {
            bench: 'gateway',
            figure: 'a read of one call through the gateway, over one without, half of them; its records safe from a loss of power',
          },
          {
            bench: 'gateway',
            figure: 'a read of one call through the gateway, over one without, 99 of 100; its records safe from a loss of power',
          },
          {
            bench: 'gateway',
            figure: 'a read of 20 calls through the gateway, over one without, half of them; its records safe from a loss of power',
          },
          {
            bench: 'gateway',
            figure: 'a read of 20 calls through the gateway, over one without, 99 of 100; its records safe from a loss of power',
          },
        ],
      },
    ],
  },
];
