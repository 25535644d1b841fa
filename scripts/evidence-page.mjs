// The pure half of docs/evidence.md: from what is claimed, what the tests said and what the benchmarks measured to the
// page, or to the list of claims that are not shown.

/**
 * What shows a claim: a test by its file and full title (`describe > test`), a whole run in which every test of the default
 * run passed (`run` is the name of its results, `node-22`), a figure by the benchmark that measures it, or, only where
 * nothing can run, a sentence.
 * @typedef {{ readonly file: string, readonly test: string }} TestProof
 * @typedef {{ readonly run: string, readonly command: string }} RunProof
 * @typedef {{ readonly bench: string, readonly figure: string }} FigureProof
 * @typedef {{ readonly prose: string }} ProseProof
 * @typedef {TestProof | RunProof | FigureProof | ProseProof} Proof
 */

/**
 * `page` is a path below docs/. `open` says why nothing shows the claim yet; a claim has proofs or is open, never neither.
 * @typedef {{ readonly claim: string, readonly page?: string, readonly shownBy: readonly Proof[], readonly open?: string }} Claim
 * @typedef {{ readonly title: string, readonly intro: string, readonly claims: readonly Claim[] }} Section
 */

/**
 * What a test said in a run; `file` is relative to the repository, with `/`.
 * @typedef {{ readonly run: string, readonly file: string, readonly test: string, readonly status: string }} TestOutcome
 */

/**
 * What `bench/results/<bench>.json` holds. `met` is null where there is no goal. `pair` names what it was measured
 * against in the same run.
 * @typedef {{ readonly name: string, readonly value: number, readonly unit: string, readonly goal: string | null, readonly met: boolean | null, readonly pair?: string, readonly note?: string }} Figure
 * @typedef {{ readonly bench: string, readonly machine: string, readonly measuredAt: string, readonly figures: readonly Figure[] }} BenchResult
 */

/**
 * Why the page cannot be written: each claim without proof, each named test that did not run or did not pass, each named
 * figure that was not measured. Empty when all is well.
 * @param {readonly Section[]} sections
 * @param {readonly TestOutcome[]} outcomes
 * @param {readonly BenchResult[]} benches
 * @returns {readonly string[]}
 */
export function problemsOf(sections, outcomes, benches) {
  /** @type {Map<string, Set<string>>} */
  const statuses = new Map();
  /** @type {Set<string>} */
  const passedByRun = new Set();
  for (const { run, file, test, status } of outcomes) {
    const key = `${file} > ${test}`;
    statuses.set(key, (statuses.get(key) ?? new Set()).add(status));
    if (status === 'passed') passedByRun.add(`${run}: ${key}`);
  }
  return sections.flatMap(({ claims }) =>
    claims.flatMap(({ claim, shownBy, open }) => {
      if (shownBy.length === 0 && open === undefined) return [`“${claim}”: nothing shows it, and nothing says why.`];
      return shownBy.flatMap((proof) => {
        if ('prose' in proof) return [];
        if ('bench' in proof)
          return figureOf(proof, benches) === undefined ? [`“${claim}”: ${proof.bench} has no figure “${proof.figure}”.`] : [];
        if ('run' in proof) {
          const expected = outcomes.filter(({ run, status }) => run === 'default' && status === 'passed');
          const missing = expected.filter(({ file, test }) => !passedByRun.has(`${proof.run}: ${file} > ${test}`));
          return expected.length > 0 && missing.length === 0
            ? []
            : [
                `“${claim}”: ${missing.length} tests that pass by default did not pass in the run ${proof.run}; it comes from ${proof.command}.`,
              ];
        }
        const seen = statuses.get(`${proof.file} > ${proof.test}`);
        if (seen === undefined) return [`“${claim}”: the test “${proof.test}” of ${proof.file} did not run.`];
        return [...seen].every((status) => status === 'passed')
          ? []
          : [`“${claim}”: the test “${proof.test}” of ${proof.file} did not pass.`];
      });
    }),
  );
}

/**
 * The page. Depends on nothing but its arguments: what every named test said is known, they passed.
 * @param {readonly Section[]} sections
 * @param {readonly BenchResult[]} benches
 */
export function pageOf(sections, benches) {
  const all = sections.flatMap(({ claims }) => claims);
  const shown = all.filter(({ shownBy }) => shownBy.length > 0).length;
  const lines = [
    '# Evidence',
    '',
    '<!-- Written by `npm run evidence` from docs/evidence.data.mjs, test-results/ and bench/results/. Do not edit. -->',
    '',
    'What Trunkline promises, and the test or benchmark that shows it. The page is only written when every test it names',
    'has run and passed. Something must show a claim, and prose does so only where nothing can run.',
    '',
    `${shown} of ${all.length} claims are shown${shown === all.length ? '.' : '; the others say why not.'}`,
  ];
  for (const { title, intro, claims } of sections) {
    lines.push('', `## ${title}`, '', intro, '', '| claim | shown by |', '|---|---|');
    for (const { claim, page, shownBy, open } of claims) {
      const proofs = [...shownBy.map((proof) => proofText(proof, benches)), ...(open === undefined ? [] : [`*${cell(open)}*`])];
      lines.push(`| ${page === undefined ? cell(claim) : `[${cell(claim)}](${page})`} | ${proofs.join('<br>')} |`);
    }
  }
  const measured = benches.filter(({ bench }) =>
    all.some(({ shownBy }) => shownBy.some((proof) => 'bench' in proof && proof.bench === bench)),
  );
  if (measured.length > 0) {
    lines.push('', '## Where the figures were measured', '', '| benchmark | machine | when |', '|---|---|---|');
    for (const { bench, machine, measuredAt } of measured) lines.push(`| \`${bench}\` | ${cell(machine)} | ${measuredAt.slice(0, 10)} |`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * @param {Proof} proof
 * @param {readonly BenchResult[]} benches
 */
function proofText(proof, benches) {
  if ('prose' in proof) return cell(proof.prose);
  if ('run' in proof) return `all tests, by \`${cell(proof.command)}\``;
  if ('file' in proof) return `[\`${proof.file}\`](../${proof.file}): ${cell(proof.test)}`;
  const figure = figureOf(proof, benches);
  if (figure === undefined) return `\`${proof.bench}\`: ${cell(proof.figure)}`;
  const { value, unit, goal, met, pair, note } = figure;
  const verdict = goal === null ? '' : `, goal ${goal}: ${met === true ? 'met' : 'missed'}`;
  return cell(
    `\`${proof.bench}\`: ${proof.figure} **${new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 }).format(value)} ${unit}**${verdict}` +
      (pair === undefined ? '' : ` (in the same run: ${pair})`) +
      (note === undefined ? '' : `. ${note}`),
  );
}

/**
 * @param {FigureProof} proof
 * @param {readonly BenchResult[]} benches
 */
function figureOf(proof, benches) {
  return benches.find(({ bench }) => bench === proof.bench)?.figures.find(({ name }) => name === proof.figure);
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
