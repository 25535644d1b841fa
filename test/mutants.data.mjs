// What an attacker would love to find in the gateway: each entry breaks one line, and the tests named with it must notice.
// `npm run test:mutants` applies them one by one. `find` stands in the file once; `why` says what breaking it would mean. An
// entry with `equivalent` is one that no test can notice, with the reason; it must survive.

/**
 * @typedef {{
 *   readonly find: string,
 *   readonly replace: string,
 *   readonly why: string,
 *   readonly tests?: readonly string[],
 *   readonly equivalent?: string,
 * }} Change
 * @typedef {Change & { readonly file: string, readonly tests: readonly string[] }} Mutant
 */

/**
 * @param {string} room a folder of src/gateway
 * @param {string} file its file, without `.ts`
 * @param {readonly string[]} tests of that room, or `room/test`, without `.test.ts`; used where a change names none
 * @param {readonly Change[]} changes
 * @returns {readonly Mutant[]}
 */
function inFile(room, file, tests, changes) {
  const pathOf = (/** @type {string} */ test) => `src/gateway/${test.includes('/') ? test : `${room}/${test}`}.test.ts`;
  return changes.map((change) => ({ ...change, file: `src/gateway/${room}/${file}.ts`, tests: (change.tests ?? tests).map(pathOf) }));
}

/** @type {readonly Mutant[]} */
export const mutants = [
  // ---- policy ----
  ...inFile(
    'policy',
    'decide',
    ['decide', 'decide.unsound'],
    [
      { find: '!(nowMs < expiresAtMs)', replace: '!(nowMs <= expiresAtMs)', why: 'an agent works on at the moment of its end' },
      { find: "if (agent.status !== 'active')", replace: "if (agent.status === 'deleted')", why: 'a status nobody knows counts as active' },
      {
        find: 'if (!Number.isFinite(nowMs)) return',
        replace: 'if (Number.isFinite(0 / 1) === false) return',
        why: 'with a clock that says nothing no end has come',
      },
      {
        find: 'if (!access.sound) return',
        replace: 'if (access === undefined) return',
        why: 'an agent whose rules cannot be read is not stopped',
      },
      {
        find: 'capability.id !== request.capability || ',
        replace: '',
        why: 'a request is judged as another capability than the one it names',
      },
      { find: ' || !isUsable(capability)', replace: '', why: 'a capability with an unknown effect or level is judged all the same' },
      {
        find: "it.mode !== 'access' && request.invalid !== null",
        replace: "it.mode !== 'access' && request.invalid === ''",
        why: 'arguments that do not fit are let through',
      },
      { find: 'refuseByGuardrail(known) ?? ', replace: '', why: 'rules of the company are not looked at' },
      { find: ' ?? refuseByRule(known)', replace: '', why: 'rules that deny are not looked at' },
      { find: ' ?? refuseByLevel(known)', replace: '', why: 'grants are not looked at' },
      {
        find: "rule.effect !== 'allow' && rule.effect !== 'approve'",
        replace: "String(rule.effect) === 'deny'",
        why: 'a rule of an unknown effect denies nothing',
      },
      { find: 'if (rank[level] >= rank[need])', replace: 'if (rank[level] >= rank[need] - 1)', why: 'Read is enough to write' },
      {
        find: "isDry(it) && effect !== 'read' && level !== 'off'",
        replace: "isDry(it) && effect !== 'read'",
        why: 'dry runs show an area that is off',
      },
      { find: 'return refuseByQuota(known) ?? ', replace: 'return ', why: 'daily limits are not looked at' },
      { find: ' ?? refuseSearch(known)', replace: '', why: 'masked numbers can be guessed by searching for them' },
      { find: ' ?? refuseAddresses(known)', replace: '', why: 'a webhook can be pointed anywhere' },
      { find: ' ?? hold(known, rows)', replace: '', why: 'nothing needs a person or a confirmation any more' },
      { find: 'usage.rowsToday < maximumRowsPerDay', replace: 'usage.rowsToday <= maximumRowsPerDay', why: 'one page more than the limit' },
      {
        find: 'usage.writesToday < maximumWritesPerDay',
        replace: 'usage.writesToday <= maximumWritesPerDay',
        why: 'one write more than the limit',
      },
      { find: 'usage.commentsOnCall < most', replace: 'usage.commentsOnCall <= most', why: 'one comment more than the limit' },
      {
        find: "orId && typeof value === 'string' && /^\\d+$/.test(value)",
        replace: "typeof value === 'string' && /^\\d+$/.test(value)",
        why: 'a phone number in digits alone is searched for as if it were an id',
      },
      {
        find: 'if (isTainted && !approved && !dry)',
        replace: 'if (isTainted && !approved && !dry && !request.confirmed)',
        why: 'an agent led by outside text lifts that by confirming to itself',
      },
      {
        find: 'if (approving !== undefined && !approved && !dry)',
        replace: 'if (approving !== undefined && !approved && !dry && !request.confirmed)',
        why: 'a confirmation counts as the approval that a rule asks for',
      },
      {
        find: "allowing(it) !== undefined ? 'confirm'",
        replace: "allowing(it) !== undefined ? 'none'",
        why: 'an allow rule lets what cannot be undone pass at the first word',
      },
      {
        find: '!(nowMs - readTextAtMs > taintMs)',
        replace: 'Math.abs(nowMs - readTextAtMs) <= taintMs',
        why: 'setting the clock back wipes out that outside text was read',
      },
      {
        find: "new Set(['egress', 'live', 'delete'])",
        replace: "new Set(['egress', 'live'])",
        why: 'outside text can make an agent delete',
      },
      {
        find: '!Object.is(request.dryRun, false)',
        replace: 'request.dryRun === true',
        why: 'a dry run that is spelt otherwise is a real one',
      },
      {
        find: 'value === null || !set.has(value)',
        replace: 'value !== null && !set.has(value)',
        why: 'an id in another spelling is not held against the limits',
      },
      {
        find: "effect !== 'read' && !isSubject && rowConstraint",
        replace: "effect === 'read' && !isSubject && rowConstraint",
        why: 'a write may name users whose limits were never checked',
      },
      {
        find: "obligations.push({ kind: 'look_first',",
        replace: "void ({ kind: 'look_first',",
        why: 'the row of a write is not looked at first',
      },
      {
        find: 'if (subject === null || subject.lookUp === null) {',
        replace: 'if (subject === undefined) {',
        why: 'a limit that cannot be checked is left out',
      },
      {
        find: 'if (access.impossible) return outside',
        replace: 'if (access === undefined) return outside',
        why: 'limits that let no row through are left to others to notice',
      },
    ],
  ),
  ...inFile(
    'policy',
    'access',
    ['decide', 'decide.unsound'],
    [
      {
        find: "level === 'full' ? level : 'off'",
        replace: "level === 'full' ? level : 'read'",
        why: 'a level nobody knows, or none, is Read',
      },
      {
        find: 'Number.isNaN(endMs) ? !widens : nowMs < endMs',
        replace: 'Number.isNaN(endMs) ? widens : nowMs < endMs',
        why: 'an allow rule with an unreadable end lives for ever',
      },
      {
        find: 'Number.isNaN(endMs) ? !widens : nowMs < endMs',
        replace: 'Number.isNaN(endMs) ? !widens : nowMs <= endMs',
        why: 'an allow rule counts at the moment of its end',
      },
      {
        find: 'if (!isObject(what)) return true;',
        replace: 'if (!isObject(what)) return false;',
        why: 'a guardrail that cannot be read forbids nothing',
      },
      {
        find: 'if (effect !== undefined && !effects.some((each) => each === effect)) return true;',
        replace: '',
        why: 'a guardrail about an unknown effect forbids nothing',
      },
      { find: ': unreadable)) : [unreadable]', replace: ': unreadable)) : []', why: 'guardrails that are no list forbid nothing' },
      {
        find: "isObject(agent) && agent['id'] === agentId",
        replace: 'isObject(agent)',
        why: 'an agent is taken for the one under whose id it stands',
      },
      {
        find: "agent.treatment(area, each) !== 'show'",
        replace: "agent.treatment(area, each) === 'hide'",
        why: 'masked values can be searched for',
      },
      {
        find: "readable(each.area) ? agent.treatment(each.area, each.class) : 'hide'",
        replace: 'agent.treatment(each.area, each.class)',
        why: 'values of an area that is off are shown where they stand in another',
      },
      { find: "agent.level(other) !== 'off' && ", replace: '', why: 'embedded objects of an area that is off are shown' },
      {
        find: 'if (agent.taint === false) return () => false;',
        replace: 'if (agent.taint !== true) return () => false;',
        why: 'reading outside text has no consequence unless somebody switched it on',
      },
      {
        find: 'if (isMade(policy)) kept.set(policy, agents);',
        replace: 'kept.set(policy, agents);',
        why: 'a change of a policy is not seen',
      },
    ],
  ),
  ...inFile(
    'policy',
    'limits',
    ['decide', 'decide.unsound', 'limits'],
    [
      { find: '} else return brokenLimits;', replace: '}', why: 'a limit with a typo is no limit' },
      {
        find: 'if (!isObject(constraint)) return brokenLimits;',
        replace: 'if (!isObject(constraint)) return noLimits;',
        why: 'limits that cannot be read are none',
      },
      {
        find: '[...first].filter((id) => others.every((set) => set.has(id)))',
        replace: '[...first, ...others.flatMap((set) => [...set])]',
        why: 'of the limits of two areas one is enough',
      },
      { find: 'Math.min(...ages)', replace: 'Math.max(...ages)', why: 'of two ages the older counts' },
      {
        find: 'return open.has(day) && minute >= from && minute < to;',
        replace: 'return open.has(day) && minute >= from && minute <= to;',
        why: 'a minute more than the hours',
      },
      {
        find: '(open.has(dayBefore) && minute < to)',
        replace: '(open.has(day) && minute < to)',
        why: 'hours past midnight begin a day early',
      },
      { find: 'Math.floor(nowMs / 60_000)', replace: 'Math.floor(nowMs / 3_600_000)', why: 'whether it is open is asked once an hour' },
    ],
  ),
  ...inFile(
    'policy',
    'named',
    ['decide', 'decide.unsound'],
    [
      {
        find: 'byEmail: orEmail && values.every',
        replace: 'byEmail: values.every',
        why: 'what is no id counts as an e-mail address and is not compared',
      },
      { find: "axis: 'directions' as const", replace: 'axis: null', why: 'a direction outside the limits can be asked for' },
      {
        find: 'Number.isSafeInteger(value) && value >= 0 ? String(value) : null;\n  return',
        replace: 'String(Math.abs(value));\n  return',
        why: 'a number is compared as another one than it is',
      },
    ],
  ),
  ...inFile(
    'policy',
    'treatment',
    ['decide', 'treatment'],
    [
      {
        find: "if (ofClass === 'media' && !agent.recordings) return 'hide';",
        replace: '',
        why: 'links to recordings without access to recordings',
      },
      {
        find: "recurring.has(ofClass) ? strictest(rules) : 'show'",
        replace: "'show'",
        why: 'a number masked in contacts stands in clear in calls',
      },
      { find: "fieldTreatments.includes(treatment) ? treatment : 'hide'", replace: 'treatment', why: 'a treatment with a typo shows' },
      {
        find: 'fieldTreatments.indexOf(one) > fieldTreatments.indexOf(other)',
        replace: 'fieldTreatments.indexOf(one) < fieldTreatments.indexOf(other)',
        why: 'the laxest rule wins',
      },
      { find: "['phone', 'email', 'person']", replace: "['phone', 'email']", why: 'a name masked in contacts stands in clear in calls' },
    ],
  ),
  ...inFile(
    'policy',
    'address',
    ['address'],
    [
      { find: 'host.endsWith(listed.slice(1))', replace: 'host.endsWith(listed.slice(2))', why: '*.example.com lets evilexample.com in' },
      { find: ': host === listed', replace: ': host.endsWith(listed)', why: 'example.com lets evil-example.com in' },
      { find: 'isLocal(host) || !host.includes', replace: '!host.includes', why: 'names of this network can be listed' },
      { find: " || !host.includes('.')) return null;", replace: ') return null;', why: '*.com can be listed' },
      {
        find: '/^[a-z\\d.-]+(?::443)?$/i',
        replace: '/^[a-z\\d.\\\\-]+(?::443)?$/i',
        why: 'a backslash in the host, which others read as a part of it',
      },
      { find: '|| /(?:^|\\.)\\d+$/.test(host)', replace: '', why: 'a machine by its number' },
    ],
  ),
  // ---- filter ----
  ...inFile(
    'filter',
    'filter-answer',
    ['filter-answer'],
    [
      {
        find: 'isObject(row) && constraints.every((constraint) => isWithin(row, constraint, binding, nowMs))',
        replace: 'isObject(row)',
        why: 'rows outside the limits are given',
      },
      {
        find: 'this.#isOfSubject() ? tellable(constraint, binding) : constraint',
        replace: 'tellable(constraint, binding)',
        why: 'what a row does not say it need not satisfy',
      },
      {
        find: 'if (this.#rowsWithin([row]).length === 0) return withheld',
        replace: 'if (row === undefined) return withheld',
        why: 'a single row outside the limits is given',
      },
      {
        find: 'for (const row of inside) this.#fields.learn(row, plan);',
        replace: '',
        why: 'a number is not known in the text of another row',
      },
      {
        find: 'this.#given({ [answer.key]: rows }',
        replace: 'this.#given({ ...body, [answer.key]: rows }',
        why: 'the total tells how many rows are hidden',
      },
    ],
  ),
  ...inFile(
    'filter',
    'plan',
    ['filter-answer'],
    [
      {
        find: 'isWithout: treatments.isWithout(area)',
        replace: 'isWithout: false',
        why: 'objects of an area that is not granted are shown',
      },
      {
        find: "treatments.of(area, valueClass ?? 'freetext')",
        replace: "valueClass === null ? 'show' : treatments.of(area, valueClass)",
        why: 'words where a known value is expected are shown',
      },
      {
        find: '? of : { ...of, class: inherited }',
        replace: '? of : of',
        why: 'elements of a list of numbers are no numbers',
        equivalent: 'every list that is described says the class at its elements, too',
      },
    ],
  ),
  ...inFile(
    'filter',
    'field-filter',
    ['filter-answer'],
    [
      { find: ' || !this.#isWithin(value, node)', replace: '', why: 'an embedded object outside the limits of its area is shown' },
      {
        find: 'isObject(each) && this.#isWithin(each, { described, ...node })',
        replace: 'isObject(each)',
        why: 'embedded objects of a list outside the limits of their area are shown',
      },
      {
        find: 'const shown: Record<string, ExactJson> = {};\n    let described = 0;',
        replace: 'const shown = { ...value } as Record<string, ExactJson>;\n    let described = 0;',
        why: 'a field that nobody described passes',
      },
      {
        find: ' || value.length > 300 || !textForms[described.form].test(value)',
        replace: '',
        why: 'any words pass where a fixed form is described',
      },
      {
        find: 'return digits !== null && !this.#scrubber.isKnownPhone(digits);',
        replace: 'return digits !== null;',
        why: 'a masked number passes as an id',
      },
      {
        find: 'const phoneForm = /^\\+?[\\d .()/-]{1,32}$/;',
        replace: 'const phoneForm = /^\\+?[\\d .()/-]{1,32}/;',
        why: 'words behind a number pass uncleaned',
      },
      {
        find: 'if (!this.#parts.treatments.textApart) return text;',
        replace: 'if (text !== undefined) return text;',
        why: 'text of strangers stands among our own',
      },
      {
        find: 'const cleaned = cleanText(raw, 4 * maximumTextLength);',
        replace: 'const cleaned = cleanText(raw, maximumTextLength);',
        why: 'half a number at the end of a long text is not known for one',
      },
      { find: 'this.#scrubber.scrub(cleaned, valueClass)', replace: 'cleaned', why: 'masked numbers and addresses stand in text' },
      { find: 'this.#parts.linkTo(value, { row: this.#row, field })', replace: 'value', why: "Aircall's signed links go out" },
      { find: '?? masked(valueClass, text)', replace: '?? text', why: 'what is masked is shown' },
    ],
  ),
  ...inFile(
    'filter',
    'treatments',
    ['filter-answer'],
    [
      { find: "?.treatment ?? 'hide';", replace: "?.treatment ?? 'show';", why: 'what no obligation names is shown' },
      {
        find: "if (treatment !== 'show') return true;",
        replace: "if (treatment === 'hide') return true;",
        why: 'masked numbers stay in text',
      },
      {
        find: '[...(this.#rows.get(obligation.area) ?? []), obligation.constraint]',
        replace: '[obligation.constraint]',
        why: 'of two limits on an area the first is forgotten',
      },
    ],
  ),
  ...inFile(
    'filter',
    'phone',
    ['phone', 'scrubber'],
    [
      { find: '${digits.slice(-2)}`', replace: '${digits.slice(-4)}`', why: 'a masked number shows four digits' },
      { find: 'const windowLength = 6;', replace: 'const windowLength = 8;', why: 'seven digits of a number stay' },
      { find: 'const widestGap = 4;', replace: 'const widestGap = 1;', why: 'numbers with blanks between stay' },
      { find: 'if (!number.test(character)) return null;', replace: 'return null;', why: 'digits of other scripts pass' },
      {
        find: '/^(?:19|20)\\d\\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])$/',
        replace: '/^\\d{8}$/',
        why: 'a number dressed up as a date passes',
      },
      {
        find: 'if (isShortKnown || known.has(digit)) pieces.push',
        replace: 'if (isShortKnown) pieces.push',
        why: 'parts of a known number stay',
      },
    ],
  ),
  ...inFile(
    'filter',
    'email',
    ['scrubber'],
    [
      { find: 'const at = /@|＠|﹫|%40/g;', replace: 'const at = /@/g;', why: 'addresses with another sign pass' },
      { find: '/^[a-z0-9]/.exec(address)', replace: '/^[a-z0-9.]+/.exec(address)', why: 'a masked address shows the name' },
    ],
  ),
  ...inFile(
    'filter',
    'scrubber',
    ['scrubber', 'filter-answer'],
    [
      {
        find: "this.#scrubbing.phones && shownClass !== 'phone'",
        replace: 'this.#scrubbing.phones && shownClass === undefined',
        why: 'numbers in described text stay',
      },
      {
        find: 'return this.#scrubbing.phones && this.#phones.knows(digits);',
        replace: 'return false;',
        why: 'a masked number passes as a machine name',
      },
      { find: '\\p{L}/gu),', replace: '\\p{L}+/gu),', why: 'a masked name is the name' },
    ],
  ),
  ...inFile(
    'filter',
    'rows',
    ['filter-answer'],
    [
      {
        find: '.some((value) => isListed(value, allowed))',
        replace: '.every((value) => isListed(value, allowed))',
        why: 'a row that names no team is in every team',
      },
      {
        find: 'if (!allowed.includes(direction)) return false;',
        replace: 'if (direction !== undefined && !allowed.includes(direction)) return false;',
        why: 'a row without a direction has every direction',
      },
      {
        find: "typeof startedAt !== 'number' || !(",
        replace: "typeof startedAt === 'number' && !(",
        why: 'a row without a start is always new enough',
      },
    ],
  ),
  ...inFile(
    'filter',
    'tokens',
    ['tokens'],
    [
      { find: 'if (!timingSafeEqual(iv, ivOf(kind, filled, owner, keys))) return null;', replace: '', why: 'made-up tokens become values' },
      { find: '[kind, company, agentId]', replace: '[kind, company]', why: 'tokens of one agent are worth something to another' },
    ],
  ),
  ...inFile(
    'filter',
    'media-links',
    ['media-links'],
    [
      { find: ' || until - nowMs > mediaLinkLifetimeMs', replace: '', why: 'a clock set back makes links live on' },
      {
        find: '> mediaLinkLifetimeMs || !isAllowedMediaUrl(url, hosts)',
        replace: '> mediaLinkLifetimeMs',
        why: 'a host taken off the list is fetched from',
      },
      { find: "['media', company, agentId]", replace: "['media', company]", why: 'a link opens for another agent' },
      { find: 'name.endsWith(wanted.slice(1))', replace: 'name.endsWith(wanted.slice(2))', why: '*.aircall.io lets evilaircall.io in' },
      {
        find: 'const nonce = random(12);',
        replace: 'const nonce = Buffer.alloc(12);',
        why: 'one nonce for all links: what is in them can be read',
      },
    ],
  ),
  ...inFile(
    'filter',
    'redact',
    ['redact'],
    [
      {
        find: '// Phone numbers, addresses, links, tokens of pages, and whatever is new.\n      return false;',
        replace: 'return true;',
        why: 'text stands in the log in clear',
      },
      {
        find: 'if (parameter === undefined) unknown += 1;',
        replace: 'if (parameter === undefined) shown[name] = String(given[name]);',
        why: 'what nobody described stands in the log',
      },
    ],
  ),
  ...inFile(
    'filter',
    'reveal',
    ['tokens'],
    [
      {
        find: "format === 'id-or-email' ? 'email' : null",
        replace: "format === 'id-or-email' ? 'email' : 'phone'",
        why: 'a token in a comment becomes the number',
      },
    ],
  ),
  ...inFile(
    'filter',
    'clean-text',
    ['clean-text'],
    [
      { find: '|\\p{Default_Ignorable_Code_Point}', replace: '', why: 'text that nobody sees and machines read' },
      { find: '\\p{Co}|', replace: '', why: 'private characters pass' },
    ],
  ),
  // ---- audit ----
  ...inFile(
    'audit',
    'chain',
    ['chain', 'verify'],
    [
      {
        find: 'return hashOf(key, prev + bytes);',
        replace: 'return hashOf(key, bytes);',
        why: 'a record does not hang on the one before it',
        tests: ['log'],
      },
      {
        find: 'canonicalJson({ checkpoints, company, deciding,',
        replace: 'canonicalJson({ company, deciding,',
        why: 'checkpoints can be taken away',
      },
      {
        find: 'firstSeq, hash, lastSeq, prev, sha256, time',
        replace: 'firstSeq, hash, prev, sha256, time',
        why: 'more records are called archived than were',
        tests: ['archive'],
      },
      { find: ' && verify(null, signedText(checkpoint), publicKey, signature)', replace: '', why: 'a checkpoint needs no signature' },
      {
        find: 'canonicalJson({ company, head, seq, time })',
        replace: 'canonicalJson({ company, seq, time })',
        why: 'a checkpoint is good for any log',
      },
    ],
  ),
  ...inFile(
    'audit',
    'log',
    ['log'],
    [
      {
        find: 'if (head.mac !== headMac(keys.auditChain, company, head)) throw',
        replace: 'if (head.mac === undefined) throw',
        why: 'a log whose end was altered is gone on with',
      },
      {
        find: 'if ((last?.seq ?? 0) !== head.seq || (last?.hash ?? genesisOf(company)) !== head.hash)',
        replace: 'if (last === undefined)',
        why: 'a log cut off at its end is gone on with',
        tests: ['log', 'verify'],
      },
      {
        find: 'if (mayBegin && store.head() === null)',
        replace: 'if (store.head() === null)',
        why: 'a log that was taken away is begun anew',
      },
      {
        find: 'ever find.\n      if (!this.#options.files.areInPlace())',
        replace: 'ever find.\n      if (batch.length === 0)',
        why: 'records go to a file that was deleted',
      },
      {
        find: "if (pending.durability === 'process') pending.resolve(end);",
        replace: 'if (pending.durability !== undefined) pending.resolve(end);',
        why: 'a record is called safe before it is on the disk',
      },
      {
        find: 'const broken = this.#break(unsynced(error));',
        replace: 'const broken = unsynced(error);',
        why: 'after a failed disk the log goes on',
      },
      {
        find: 'draft: draftBytes(facts)',
        replace: 'draft: draftBytes(given)',
        why: 'personal data that was found is written all the same',
        tests: ['personal-data'],
      },
      {
        find: "if (facts.phase === 'intent' && facts.decision?.effect === 'allow' && facts.outcome === null) store.openCall",
        replace: "if (facts.phase === 'outcome') store.openCall",
        why: 'what a crash left open is not known at the next start',
      },
    ],
  ),
  ...inFile(
    'audit',
    'verify',
    ['verify'],
    [
      { find: 'if (!text.startsWith(prev, 64)) return null;', replace: '', why: 'copies of a log can be mixed' },
      { find: 'if (hashOf(keys.auditChain, text.slice(64)) !== hash) return null;', replace: '', why: 'altered records are not noticed' },
      { find: '} else if (head.seq > lastSeq) {', replace: '} else if (head.seq > lastSeq + 1) {', why: 'the last record can be cut off' },
      {
        find: 'if (hashes.get(seq) === head) return;',
        replace: 'if (hashes.has(seq)) return;',
        why: 'a log rewritten with its key is not noticed',
      },
      {
        find: 'if (isSignedBy(this.#options.keys.checkpoint.publicKey, checkpoint)) return true;',
        replace: 'if (checkpoint !== undefined) return true;',
        why: 'signatures are not looked at',
      },
    ],
  ),
  ...inFile(
    'audit',
    'verify',
    ['archive'],
    [
      {
        find: 'if (end === null || end.lastSeq < seq - 1) return;',
        replace: 'if (end === null) return;',
        why: 'once something was archived, more can be taken out',
      },
      {
        find: 'return last !== null && this.#isGenuineSegment(last) ? last : null;',
        replace: 'return last;',
        why: 'who deletes records calls them archived',
      },
    ],
  ),
  ...inFile(
    'audit',
    'archive',
    ['archive'],
    [
      {
        find: 'if (checked.damages[0] !== undefined) throw notWhole(checked.damages[0].text);',
        replace: '',
        why: 'a damaged log is archived, and its damage gone',
      },
      {
        find: 'if (!segmentsAreProven(options)) throw notProven();',
        replace: '',
        why: 'over the loss of what was archived more is archived',
      },
      {
        find: 'if (open === undefined || open.seq > old)',
        replace: 'if (open === undefined || old >= 0)',
        why: 'requests whose end is not known are archived',
      },
      { find: 'checkpoint.seq - 1);', replace: 'checkpoint.seq);', why: 'the last record goes, and the log is not gone on with' },
    ],
  ),
  ...inFile(
    'audit',
    'check-segment',
    ['archive'],
    [
      {
        find: 'expected !== undefined && sha256 !== expected && this.#isClean()',
        replace: 'expected === null',
        why: 'a file that was packed anew passes',
      },
      { find: 'if (header.company !== store.company)', replace: 'if (header.company === null)', why: 'the log of another company passes' },
      {
        find: '} else if (scan.hash !== hash && this.#isClean()) {',
        replace: '} else if (hash === null) {',
        why: 'a file of another copy of the log passes',
      },
    ],
  ),
  ...inFile(
    'audit',
    'personal-data',
    ['personal-data'],
    [
      {
        find: "fromClient || key === 'arguments' || key === 'client'",
        replace: "fromClient || key === 'client'",
        why: 'numbers in arguments stay in the log',
      },
      {
        find: 'if ((signs & signOf.key) !== 0) open = open.replaceAll(agentKey, withhold);',
        replace: '',
        why: 'keys of agents stay in the log',
      },
      {
        find: 'if ((signs & signOf.link) !== 0) open = open.replaceAll(secretLink, withhold);',
        replace: '',
        why: 'signed links stay in the log',
      },
      {
        find: 'if (names.includes(text)) return',
        replace: 'if (names.length > 0) return',
        why: 'where a person acts, everything stays in the log',
      },
    ],
  ),
  ...inFile(
    'audit',
    'record-bytes',
    ['log'],
    [
      {
        find: "const decision = member('decision');",
        replace: 'const decision = \'"decision":null\';',
        why: 'the log does not say what was decided',
      },
    ],
  ),
  // ---- friction ----
  ...inFile(
    'friction',
    'confirmation',
    ['friction'],
    [
      {
        find: 'if (!timingSafeEqual(bytes.subarray(bodyBytes), mac(facts.key, facts.digest, body))) return null;',
        replace: '',
        why: 'anybody can write a confirmation',
      },
      { find: '.update(digest)', replace: '', why: 'a confirmation of one request confirms every other' },
      { find: '.update(body)', replace: '', why: 'the end of a confirmation can be moved' },
    ],
  ),
  ...inFile(
    'friction',
    'approvals',
    ['friction', 'approvals'],
    [
      { find: 'mustHoldFor(approval, options.areas);', replace: '', why: 'anybody may decide about any area' },
      {
        find: "if (options.verdict === 'approve') mustBeAllowed(approval, by, options);",
        replace: '',
        why: 'agents approve what they ask for',
      },
      {
        find: 'agent === undefined || policy.version !== approval.policyVersion',
        replace: 'agent === undefined',
        why: 'what was asked under other rules is approved',
      },
      {
        find: 'if (isSame(by, owner)) {',
        replace: 'if (by === owner) {',
        why: 'a capital letter makes four eyes of two',
      },
      {
        find: 'if (find(owner) === null) {',
        replace: 'if (owner === null) {',
        why: 'with four eyes people approve for their own agents, whose owner is written in another way',
      },
      {
        find: 'if (find(by) === null) {',
        replace: 'if (by === null) {',
        why: 'a name that is only said makes four eyes of two',
      },
    ],
  ),
  ...inFile(
    'friction',
    'friction',
    ['friction'],
    [
      { find: 'if (read.expiresMs <= nowMs) return', replace: 'if (read.expiresMs < 0) return', why: 'confirmations never end' },
      {
        find: 'if (confirmation !== null && !store.useNonce(confirmation.nonce, confirmation.expiresMs)) throw',
        replace: 'if (confirmation !== null && store.useNonce(confirmation.nonce, confirmation.expiresMs) === undefined) throw',
        why: 'of requests at once all use one confirmation',
        tests: ['friction', 'rest/refusals'],
      },
      {
        find: 'if (confirmation !== null) store.useNonce(confirmation.nonce, confirmation.expiresMs);',
        replace: '',
        why: 'what a person refused to confirm can still be confirmed',
        tests: ['mcp/hostile'],
      },
      {
        find: 'if (approval !== null && !store.useApproval(approval.number, { digest, nowMs })) throw',
        replace: 'if (approval !== null && store.useApproval(approval.number, { digest, nowMs }) === undefined) throw',
        why: 'of requests at once all use one approval',
      },
      { find: 'row === null || row.agentId !== request.agentId', replace: 'row === null', why: 'an agent learns of approvals of others' },
      { find: 'if (row.digest !== digest) {', replace: 'if (row.digest === undefined) {', why: 'an approval serves another request' },
      { find: "row.state === 'expired' || row.expiresMs <= request.nowMs", replace: "row.state === 'expired'", why: 'approvals never end' },
      { find: 'if (!isProven) return', replace: 'if (by === undefined) return', why: 'approvals written into the file count' },
      {
        find: "if (found.digest !== digest) return bad('idempotency_mismatch'",
        replace: "if (found.digest === undefined) return bad('idempotency_mismatch'",
        why: 'a key gives the answer to another request',
      },
      {
        find: 'countWrite(request, request.mostWritesToday);',
        replace: 'countWrite(request, null);',
        why: 'of many writes at once more get through than allowed',
      },
      {
        find: 'if (!begun) throw',
        replace: 'if (begun === undefined) throw',
        why: 'of two requests at once with a key both act',
        tests: ['friction', 'friction.model', 'rest/refusals'],
      },
    ],
  ),
  ...inFile(
    'friction',
    'digest',
    ['friction'],
    [
      {
        find: "['request', company, agentId, capability.id, argumentsOf(request), policyVersion]",
        replace: "['request', company, capability.id, argumentsOf(request), policyVersion]",
        why: 'a confirmation of one agent serves another',
      },
      {
        find: 'argumentsOf(request), policyVersion]',
        replace: 'argumentsOf(request)]',
        why: 'a confirmation outlives the rules it was given under',
      },
    ],
  ),
  ...inFile(
    'friction',
    'keys',
    ['friction'],
    [
      { find: 'number, digest, by, expiresMs])', replace: 'number, digest, by])', why: 'the end of an approval can be moved in the file' },
      {
        find: 'actual.length === expected.length && timingSafeEqual(actual, expected)',
        replace: 'actual.length === expected.length',
        why: 'any proof of an approval counts',
      },
    ],
  ),
  ...inFile(
    'friction',
    'sealed',
    ['sealed', 'friction'],
    [
      {
        find: "'trunkline sealed value 1', ...place",
        replace: "'trunkline sealed value 1'",
        why: 'an answer moved to another key opens there',
      },
    ],
  ),
  // ---- flow ----
  ...inFile(
    'flow',
    'gateway',
    ['between-requests', 'gateway'],
    [
      {
        find: 'if (!(await this.#flow.recorder.catchUp())) return unrecordable();',
        replace: 'void this.#flow.recorder.catchUp();',
        why: 'work goes on while an outcome is not written',
      },
      {
        find: "if (stored !== null && decision.effect === 'allow')",
        replace: 'if (stored !== null)',
        why: 'a stored answer is given though it is not allowed any more',
        tests: ['between-requests'],
      },
    ],
  ),
  ...inFile(
    'flow',
    'enter',
    ['rest/refusals'],
    [{ find: 'if (call.badOrigin) return refuseOrigin(flow, turn);', replace: '', why: 'a web page reaches the gateway' }],
  ),
  ...inFile(
    'flow',
    'judge',
    ['between-requests', 'gateway'],
    [
      {
        find: 'readTextAtMs: friction.readTextAtMs(agentId),',
        replace: 'readTextAtMs: null,',
        why: 'the flow forgets that outside text was read',
        tests: ['between-requests'],
      },
      { find: 'asked: revealed ? call.arguments : given', replace: 'asked: given', why: 'a dry run tells the number behind a token' },
    ],
  ),
  ...inFile(
    'flow',
    'refuse',
    ['between-requests'],
    [
      {
        find: "if (code === 'outside_constraint') return absent();",
        replace: '',
        why: 'a row outside the limits is told apart from none',
      },
    ],
  ),
  ...inFile(
    'flow',
    'act',
    ['between-requests', 'gateway'],
    [
      {
        find: 'const refused = await intend(flow, allowed);',
        replace: 'const refused: Reply | null = null as Reply | null;',
        why: 'requests go out without an intent',
      },
      {
        find: 'await flow.audit.append(facts, { durability: durabilityOf(flow, capability), also: examined.consume });',
        replace: 'flow.audit.append(facts, { durability: durabilityOf(flow, capability), also: examined.consume }).catch(() => {});',
        why: 'requests go out before their intent is safe',
      },
      { find: ', also: examined.consume });', replace: ' });', why: 'tokens and approvals are not used up', tests: ['rest/refusals'] },
      {
        find: 'if (await isOutside(flow, allowed)) return await hide(flow, allowed);',
        replace: '',
        why: 'a write on a row outside the limits is done',
        tests: ['rest/refusals'],
      },
    ],
  ),
  ...inFile(
    'flow',
    'send',
    ['between-requests', 'gateway'],
    [
      {
        find: '} finally {\n    flow.cache.clear();',
        replace: '} finally {\n    void flow.cache;',
        why: 'after a write the old answer is given',
      },
    ],
  ),
  ...inFile(
    'flow',
    'release',
    ['between-requests', 'gateway'],
    [
      {
        find: 'obligations: decision.obligations, answer, nowMs',
        replace: 'obligations: [], answer, nowMs',
        why: 'answers are filtered as if nothing were to be done',
      },
    ],
  ),
  ...inFile(
    'flow',
    'conclude',
    ['between-requests', 'gateway'],
    [
      {
        find: 'await flow.audit.append(facts, { durability: durabilityOf(flow, capability), also });',
        replace: 'flow.audit.append(facts, { durability: durabilityOf(flow, capability), also }).catch(() => {});',
        why: 'data goes out before its outcome is safe',
      },
      {
        find: "if (fate === 'unknown') return settle(null);",
        replace: "if (fate === 'unknown') return release;",
        why: 'what may have happened is done again',
        tests: ['rest/refusals'],
      },
    ],
  ),
  ...inFile(
    'flow',
    'context',
    ['between-requests', 'gateway'],
    [
      {
        find: "effect === 'read' ? settings.readDurability : 'power'",
        replace: 'settings.readDurability',
        why: 'a loss of power wipes out that something was changed',
      },
    ],
  ),
  ...inFile(
    'flow',
    'failure',
    ['between-requests', 'gateway'],
    [
      {
        find: ' ? null : withoutPersonalData(error.reason);',
        replace: ' ? withoutPersonalData(error.reason) : withoutPersonalData(error.reason);',
        why: "Aircall's words repeat a number behind a token",
      },
      {
        find: "fate: isWrite && sent ? 'unknown' : 'not_sent'",
        replace: "fate: 'not_sent'",
        why: 'after a failure of ours a write is called undone',
      },
    ],
  ),
  ...inFile(
    'flow',
    'raw-cache',
    ['raw-cache'],
    [
      {
        find: 'if (age === this.#age) this.#keep(key, answer);',
        replace: 'this.#keep(key, answer);',
        why: 'an answer from before a change is given after it',
      },
    ],
  ),
  ...inFile(
    'flow',
    'fold',
    ['fold', 'gateway'],
    [
      {
        find: 'this.#alarm?.abort();\n    await this.flush();',
        replace: 'this.#alarm?.abort();',
        why: 'refusals that were counted are never told',
      },
    ],
  ),
  // ---- agents ----
  ...inFile(
    'agents',
    'key-book',
    ['key-book'],
    [
      { find: 'if (!isRight) return refused', replace: 'if (isRight === undefined) return refused', why: 'the id of a key is enough' },
      { find: 'if (key.revokedAt !== null)', replace: "if (key.revokedAt === '')", why: 'revoked keys work' },
      {
        find: '!(from.nowMs < Date.parse(key.expiresAt))',
        replace: 'from.nowMs >= Date.parse(key.expiresAt)',
        why: 'a key with an unreadable end never ends',
      },
      {
        find: 'key.addresses !== null && !isAmong',
        replace: 'key.addresses !== null && key.addresses.length > 0 && !isAmong',
        why: 'an empty list of addresses lets everybody in',
      },
      {
        find: 'presented.agentId !== null && presented.agentId !== key.agentId',
        replace: "presented.agentId === ''",
        why: 'a key counts under the id of another agent',
      },
    ],
  ),
  ...inFile(
    'agents',
    'clock-watch',
    ['clock-watch'],
    [
      {
        find: 'if (behindMs === 0) return book.find',
        replace: 'if (behindMs !== null) return book.find',
        why: 'keys count while the clock is behind',
      },
      {
        find: 'Math.max(this.#mostMs, differenceMs)',
        replace: 'differenceMs',
        why: 'the clock is where it is put',
      },
      {
        find: '!(behindMs < toleranceMs)',
        replace: 'behindMs > toleranceMs',
        why: 'a time that is none is no reason to stop',
      },
    ],
  ),
  ...inFile(
    'agents',
    'agent-key',
    ['key-book'],
    [
      {
        find: 'if (left.length === right.length) return timingSafeEqual(left, right);',
        replace: 'if (left.length === right.length) return true;',
        why: 'any secret is right',
      },
      { find: '.update(`${keyId}\\n${secret}`)', replace: '.update(`${keyId}`)', why: 'the secret is not looked at' },
    ],
  ),
  ...inFile(
    'agents',
    'token-book',
    ['token-book'],
    [
      { find: 'token.length > longestToken', replace: 'token.length > 2 * longestToken', why: 'a token of any length is looked at' },
      { find: 'if (agentId !== null) throw', replace: "if (agentId === '') throw", why: 'a token passes as a password' },
      { find: 'if (header.crit !== undefined)', replace: 'if (header.crit === null)', why: 'what a token demands is not heeded' },
      { find: '    audience: terms.audience,\n', replace: '', why: 'a token made for somebody else opens the gateway' },
      { find: 'if (!Number.isFinite(payload.exp))', replace: 'if (payload.exp === null)', why: 'a token counts for ever' },
      { find: 'const toleranceSeconds = 60;', replace: 'const toleranceSeconds = 6000;', why: 'a token counts long after its end' },
      {
        find: "if (type !== undefined && type !== 'jwt') return false;",
        replace: '',
        why: 'a token that tells of an event opens the gateway',
      },
      { find: 'return !isOther && ', replace: 'return ', why: 'what tells a client who logged in opens the gateway' },
      {
        find: "payload['cnf'] !== undefined",
        replace: "payload['cnf'] === null",
        why: 'a stolen token counts without the key it is bound to',
      },
      { find: 'payload.iat > nowMs / 1000', replace: 'payload.iat > nowMs', why: 'a token counts before it was made' },
      { find: "status !== 'revoked' && ", replace: '', why: 'a token is of an agent that is gone' },
      { find: ' || agents.length > 1', replace: '', why: 'one token is of two agents' },
      {
        find: 'subjects?.includes(subject) === true',
        replace: 'subjects?.some((each) => each.toLowerCase() === subject.toLowerCase()) === true',
        why: 'a subject in other letters is the same',
      },
      { find: 'find(presented, from.nowMs) : own', replace: 'find(presented, 0) : own', why: 'the clock is not looked at' },
    ],
  ),
  ...inFile(
    'agents',
    'issuer-keys',
    ['issuer-keys', 'token-book'],
    [
      { find: " && key['d'] === undefined", replace: '', why: 'a private key that everybody can read is believed' },
      {
        find: 'if (ageMs >= refreshAfterMs)',
        replace: 'if (ageMs >= usableForMs)',
        why: 'a key that was taken back counts for an hour',
      },
      {
        find: ' || this.#parts.clock.monotonic() - this.#known.atMs >= usableForMs',
        replace: '',
        why: 'a key counts for ever when the provider is cut off',
      },
      {
        find: '(this.#hasFailed ? pauseAfterFailureMs : pauseMs)',
        replace: '0',
        why: 'whoever invents names of keys makes us fetch without end',
      },
      {
        find: "if (refreshed === 'failed') throw new KeysUnavailable();",
        replace: "if (refreshed === 'failed') throw error;",
        why: 'a good token is thrown away because its provider is down',
      },
    ],
  ),
  // ---- rest ----
  ...inFile(
    'rest',
    'target',
    ['target'],
    [
      { find: "if (part === '.' || part === '..') return", replace: "if (part === '..') return", why: 'a path that others shorten' },
      {
        find: 'if (/[%/\\\\;?#]/.test(part)) return',
        replace: 'if (/[%]/.test(part)) return',
        why: 'an escaped slash makes another path of it',
      },
      {
        find: 'if (/^acg_/i.test(value) || jsonWebToken.test(value))',
        replace: "if (value === 'acg_')",
        why: 'keys stand in addresses, and in the logs of proxies',
      },
      { find: 'return /^[\\x20-\\x7e]*$/.test(decoded) ? decoded : null;', replace: 'return decoded;', why: 'line ends in a path' },
    ],
  ),
  ...inFile(
    'rest',
    'body',
    ['wire'],
    [
      {
        find: "if (sizeBytes > maximumBytes) resolve('too large');",
        replace: "if (sizeBytes < 0) resolve('too large');",
        why: 'a body in chunks fills the memory',
      },
      {
        find: "if (!isJson(headers['content-type'])) return",
        replace: "if (headers['content-type'] === '-') return",
        why: 'a form of a web page is taken for JSON',
        tests: ['pretended'],
      },
    ],
  ),
  ...inFile(
    'rest',
    'headers',
    ['pretended', 'refusals', 'wire'],
    [
      { find: "  'x-http-method-override',\n", replace: '', why: 'a read that pretends to be a write' },
      { find: 'if (seen.has(name)) return', replace: "if (name === '') return", why: 'two keys, of which one is checked' },
      {
        find: "dryRun: headers['x-dry-run'] !== undefined",
        replace: "dryRun: headers['x-dry-run'] === '1'",
        why: 'a dry run that is spelt otherwise is a real one',
      },
    ],
  ),
  ...inFile(
    'rest',
    'rest',
    ['refusals'],
    [
      { find: "!hosts.has((host ?? '').toLowerCase()) || ", replace: '', why: 'a web page reaches the gateway by a name of its own' },
      { find: ' || (origin !== undefined && !origins.has(origin))', replace: '', why: 'scripts of any web page may send requests' },
    ],
  ),
  ...inFile(
    'rest',
    'strict-json',
    ['strict-json'],
    [
      {
        find: 'if (entries.has(name)) throw',
        replace: "if (name === '-') throw",
        why: 'of a name given twice others read the other value',
      },
    ],
  ),
  // ---- capabilities ----
  ...inFile(
    'capabilities',
    'arguments',
    ['arguments'],
    [
      {
        find: 'if (name === undefined) return unknownName(described, where);',
        replace: 'if (name === undefined) continue;',
        why: 'a name with a typo is left out and the filter with it',
      },
      { find: 'if (given.has(name)) return', replace: "if (name === '') return", why: 'a value in two spellings, of which one is checked' },
      { find: "if (agents !== undefined && 'never' in agents) return", replace: 'if (agents === null) return', why: 'agents make admins' },
      {
        find: "if (parameter.agents !== undefined && 'always' in parameter.agents) {",
        replace: 'if (parameter.agents === null) {',
        why: 'a webhook without events gets them all',
      },
    ],
  ),
  ...inFile(
    'capabilities',
    'formats',
    ['arguments'],
    [
      {
        find: 'if (!/^[A-Za-z0-9.-]+(?::\\d{1,5})?$/.test(authority)) return null;',
        replace: '',
        why: 'a user name or a backslash before the host',
      },
      { find: 'id.test(text) && BigInt(text) <= largestId', replace: '/^\\d+$/.test(text)', why: 'an id has several spellings' },
    ],
  ),
  ...inFile(
    'capabilities',
    'route',
    ['route'],
    [
      {
        find: 'if (value === null) return null;\n    at[name] = value;',
        replace: 'at[name] = value ?? segment;',
        why: 'anything in a path is an id',
      },
      { find: 'for (const routes of grouped.values()) routes.sort(wordsFirst);', replace: '', why: 'a request is taken for another one' },
    ],
  ),
  ...inFile(
    'capabilities',
    'use',
    ['use'],
    [
      {
        find: 'isObject(value) && Object.hasOwn(value, key) ? valuesAt',
        replace: 'isObject(value) ? valuesAt',
        why: 'what objects inherit is taken for what was sent',
      },
      { find: '/^[\\w:-]{1,64}$/.test(value)', replace: "value !== ''", why: 'e-mail addresses and words of others stand in the log' },
    ],
  ),
];
