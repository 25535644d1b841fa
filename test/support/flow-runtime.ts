// A strict double of Flow's runtime: it starts a connector, says `spec` first on every stream, decodes strictly, commits whole
// sequences of documents together with their state, reduces documents by key, and starts again from what was committed.
import { type Connector, type ConnectorOptions, type Ended, startHere, startProcess } from './flow-connector.ts';
import { decode, type Message, type Messages } from './flow-protocol.ts';
import { badDefaults, isRecord, judge, openPlaces, type Schema, typesOf } from './flow-schema.ts';

export type Document = Readonly<Record<string, unknown>>;
export type Discovered = Messages['discovered']['bindings'][number];

export type Binding = {
  readonly name: string;
  readonly resourceConfig: Document;
  readonly collection: { readonly name: string; readonly key: readonly string[]; readonly writeSchema: Schema };
  readonly backfill: number;
};

export type SessionOptions = ConnectorOptions & {
  /** Default: what was published. */
  readonly bindings?: readonly Binding[];
  /** In a process of its own. Default: in this one. */
  readonly isProcess?: boolean;
  /** How many sequences a transaction folds together. Default: each is one. */
  readonly fold?: () => number;
  /** Looked at after every message; true: enough. */
  readonly until?: (seen: Seen) => boolean;
  /** What happens then. Default: SIGTERM. */
  readonly endBy?: 'SIGTERM' | 'SIGKILL';
  /** Closes stdin right after `open`. */
  readonly closesInput?: boolean;
  /** Acknowledges what was committed, though nobody asked for it. */
  readonly acknowledges?: boolean;
  /** Instead of the committed state. */
  readonly state?: unknown;
  readonly range?: Document;
};

/** A session that is under way. */
export type Live = {
  readonly connector: Connector;
  readonly seen: Seen;
  /** Resolves after the first message with which it holds; rejects when the session ends before. */
  when(condition: (seen: Seen) => boolean): Promise<void>;
  readonly ended: Promise<SessionEnd>;
};

/** What has come in of a session so far. */
export type Seen = {
  messages: number;
  documents: number;
  checkpoints: number;
  /** Documents by binding name. */
  readonly byName: Map<string, Document[]>;
  commits: number;
};

export type SessionEnd = Ended & { readonly seen: Seen; readonly log: readonly LogLine[] };
export type LogLine = { readonly level: string; readonly message: string } & Readonly<Record<string, unknown>>;

type Collection = Map<string, Document>;

export class FlowRuntime {
  /** Rules that were broken. */
  readonly violations: string[] = [];
  readonly collections = new Map<string, Collection>();
  config: Document;
  state: Document = {};
  bindings: readonly Binding[] = [];
  /** Bytes of the largest state that was committed. */
  largestState = 0;
  /** Everything that came out of connectors, for a look at what must not be in it. */
  output = '';

  constructor(config: Document) {
    this.config = config;
  }

  /** `spec` and then the given requests on one stdin; one answer each, and then silence. */
  async ask(
    requests: readonly object[],
    { isProcess = false, ...options }: ConnectorOptions & { readonly isProcess?: boolean } = {},
  ): Promise<readonly Message[]> {
    const { messages, end } = await this.askAll([{ spec: { connectorType: 'IMAGE', config: {} } }, ...requests], { isProcess, ...options });
    if (end.code !== 0) throw new Error(`exit ${end.code}: ${end.stderr}`);
    if (messages.length !== requests.length + 1) this.#wrong(`${messages.length} answers to ${requests.length + 1} requests`);
    return messages.slice(1);
  }

  async askAll(
    requests: readonly object[],
    { isProcess = false, ...options }: ConnectorOptions & { readonly isProcess?: boolean } = {},
  ): Promise<{ readonly messages: readonly Message[]; readonly end: Ended }> {
    const connector = isProcess ? startProcess(options) : startHere(options);
    for (const request of requests) connector.write(`${JSON.stringify(request)}\n`);
    connector.end();
    const messages: Message[] = [];
    for await (const line of connector.lines()) {
      const message = this.#decode(line);
      if (message !== null) messages.push(message);
    }
    const end = await connector.ended;
    this.#lookAtEnd(end);
    return { messages, end };
  }

  async discover(options: ConnectorOptions & { readonly isProcess?: boolean } = {}): Promise<readonly Discovered[]> {
    const [message] = await this.ask([{ discover: { name: 'acmeCo/capture', connectorType: 'IMAGE', config: this.config } }], options);
    if (message?.kind !== 'discovered') throw new Error('discovers nothing');
    return message.bindings;
  }

  /** Discovers, binds what is enabled (or the names), validates and applies: as somebody does who creates a capture. */
  async publish({ names, interval = 'PT5M' }: { readonly names?: readonly string[]; readonly interval?: string } = {}): Promise<void> {
    const discovered = await this.discover();
    this.bindings = discovered
      .filter((each) => (names === undefined ? each.disable !== true : names.includes(each.recommendedName)))
      .map((each) => this.bind(each, interval));
    const [validated, applied] = await this.ask([
      this.validateRequest(),
      { apply: { capture: { name: 'acmeCo/capture', connectorType: 'IMAGE', config: this.config, bindings: [] }, version: '11' } },
    ]);
    if (validated?.kind !== 'validated' || applied?.kind !== 'applied') throw new Error('is not validated and applied');
    const paths = validated.bindings.map(({ resourcePath }) => resourcePath.join('/'));
    if (paths.join() !== this.bindings.map(({ name }) => name).join()) this.#wrong(`validated ${paths.join()}`);
  }

  bind(discovered: Discovered, interval = 'PT5M'): Binding {
    return {
      name: discovered.recommendedName,
      resourceConfig: { ...discovered.resourceConfig, interval },
      collection: { name: `acmeCo/${discovered.recommendedName}`, key: discovered.key, writeSchema: discovered.documentSchema },
      backfill: 0,
    };
  }

  validateRequest(): object {
    const bindings = this.bindings.map(({ resourceConfig, collection }) => ({
      resourceConfig,
      collection: { ...collection, uuidPtr: '/_meta/uuid' },
    }));
    return { validate: { name: 'acmeCo/capture', connectorType: 'IMAGE', config: this.config, bindings, lastVersion: '10' } };
  }

  openRequest(bindings: readonly Binding[], { state, range }: Pick<SessionOptions, 'state' | 'range'> = {}): object {
    return {
      open: {
        capture: {
          name: 'acmeCo/capture',
          connectorType: 'IMAGE',
          config: this.config,
          intervalSeconds: 300,
          bindings: bindings.map(({ name, resourceConfig, collection, backfill }) => ({
            resourceConfig,
            resourcePath: [name],
            collection: { ...collection, uuidPtr: '/_meta/uuid', projections: [{ ptr: '', field: 'flow_document' }] },
            stateKey: stateKeyOf(name, backfill),
            ...(backfill === 0 ? {} : { backfill }),
          })),
          shardTemplate: {},
          redactSalt: 'c2FsdA==',
        },
        version: '11',
        range: range ?? { keyEnd: 4_294_967_295, rClockEnd: 4_294_967_295 },
        ...(state === undefined ? (Object.keys(this.state).length === 0 ? {} : { state: this.state }) : { state }),
      },
    };
  }

  /** One session, from `open` until it ends, is ended, or is killed. What was not committed by then never happened. */
  session(options: SessionOptions = {}): Promise<SessionEnd> {
    return this.begin(options).ended;
  }

  begin(options: SessionOptions = {}): Live {
    const { bindings = this.bindings, isProcess = false, closesInput = false } = options;
    const connector = isProcess ? startProcess(options) : startHere(options);
    connector.write(`${JSON.stringify({ spec: { connectorType: 'IMAGE' } })}\n`);
    connector.write(`${JSON.stringify(this.openRequest(bindings, options))}\n`);
    if (closesInput) connector.end();
    const seen: Seen = { messages: 0, documents: 0, checkpoints: 0, byName: new Map(), commits: 0 };
    const watchers = new Set<() => void>();
    let isOver = false;
    const look = () => {
      for (const watcher of watchers) watcher();
    };
    const ended = this.#run(connector, seen, options, look).finally(() => {
      isOver = true;
      look();
    });
    ended.catch(() => {}); // Whoever waits for the end is told.
    const when = (condition: (now: Seen) => boolean) =>
      new Promise<void>((resolve, reject) => {
        const watcher = () => {
          if (condition(seen)) resolve();
          else if (isOver) reject(new Error('the session ended before'));
          else return;
          watchers.delete(watcher);
        };
        watchers.add(watcher);
        watcher();
      });
    return { connector, seen, when, ended };
  }

  async #run(connector: Connector, seen: Seen, options: SessionOptions, look: () => void): Promise<SessionEnd> {
    const { bindings = this.bindings, fold = () => 1, until, endBy = 'SIGTERM', acknowledges = false } = options;
    const sourced = new Map<number, Schema>();
    let stage: 'spec' | 'opened' | 'running' = 'spec';
    let sequence: Captured[] = [];
    let transaction: Transaction = { documents: [], patches: [] };
    let foldNext = fold();
    let isEnding = false;
    const commit = () => {
      if (transaction.patches.length === 0) return;
      this.#commit(bindings, transaction);
      seen.commits += 1;
      if (acknowledges) connector.write(`${JSON.stringify({ acknowledge: { checkpoints: transaction.patches.length } })}\n`);
      transaction = { documents: [], patches: [] };
      foldNext = fold();
    };

    for await (const line of connector.lines()) {
      const message = this.#decode(line);
      if (message === null) continue;
      seen.messages += 1;
      if (stage === 'spec') {
        if (message.kind !== 'spec') this.#wrong(`${message.kind} instead of spec`);
        stage = 'opened';
      } else if (stage === 'opened') {
        if (message.kind !== 'opened') this.#wrong(`${message.kind} before opened`);
        if (message.kind === 'opened' && message.explicitAcknowledgements === true) this.#wrong('asks for acknowledgements');
        stage = 'running';
      } else if (message.kind === 'captured') {
        const binding = this.#bindingOf(bindings, message.binding);
        if (binding === undefined) continue;
        this.#lookAtDocument(binding, message.doc, sourced.get(message.binding));
        sequence.push({ binding, document: message.doc });
        seen.documents += 1;
        const documents = seen.byName.get(binding.name) ?? [];
        documents.push(message.doc);
        seen.byName.set(binding.name, documents);
      } else if (message.kind === 'sourcedSchema') {
        const binding = this.#bindingOf(bindings, message.binding);
        for (const place of openPlaces(message.documentSchema)) this.#wrong(`${binding?.name}: the sourced schema, ${place}`);
        sourced.set(message.binding, typesOf(message.documentSchema));
      } else if (message.kind === 'checkpoint') {
        seen.checkpoints += 1;
        transaction.documents.push(...sequence);
        transaction.patches.push(message.state);
        sequence = [];
        if (transaction.patches.length >= foldNext) commit();
      } else this.#wrong(`${message.kind} while the session runs`);
      look();
      if (!isEnding && until?.(seen) === true) {
        isEnding = true;
        connector.kill(endBy);
        if (endBy === 'SIGKILL') break;
      }
    }
    const end = await connector.ended;
    const isKilled = end.signal === 'SIGKILL';
    if (!isKilled) {
      this.#lookAtEnd(end);
      commit();
      if (sequence.length > 0 && end.code === 0) this.#wrong(`the output ends with ${sequence.length} documents that no checkpoint covers`);
    }
    connector.end();
    return { ...end, seen, log: this.#logOf(end.stderr, isKilled) };
  }

  /** The documents of a collection, by their key as text. */
  documents(name: string): Collection {
    return this.collections.get(name) ?? new Map<string, Document>();
  }

  #commit(bindings: readonly Binding[], { documents, patches }: Transaction): void {
    for (const { binding, document } of documents) this.reduce(binding, document);
    for (const { updated, mergePatch } of patches) this.state = (mergePatch ? mergePatched(this.state, updated) : updated) as Document;
    const size = JSON.stringify(this.state).length;
    this.largestState = Math.max(this.largestState, size);
    const known = new Set(bindings.map(({ name, backfill }) => stateKeyOf(name, backfill)));
    const entries = this.state['bindingStateV1'];
    for (const key of isRecord(entries) ? Object.keys(entries) : []) {
      if (!known.has(key) && !key.includes('.v')) this.#wrong(`the state holds ${key}, which is no state key`);
    }
  }

  /** The last one wins, unless the schema says that this document is a deletion. */
  reduce(binding: Binding, document: Document): void {
    const collection = this.documents(binding.name);
    this.collections.set(binding.name, collection);
    const { key, writeSchema } = binding.collection;
    const id = key.map((pointer) => String(document[pointer.slice(1)])).join('/');
    const deletion = judge(document, writeSchema).reductions.some(
      (reduction) => reduction['strategy'] === 'merge' && reduction['delete'] === true,
    );
    if (!deletion) {
      collection.set(id, document);
      return;
    }
    const merged = mergePatched(collection.get(id) ?? {}, document);
    for (const misfit of judge(merged, writeSchema).misfits) this.#wrong(`${binding.name} ${id}: the merged deletion, ${misfit}`);
    collection.delete(id);
  }

  #lookAtDocument({ name, collection }: Binding, document: Document, sourced: Schema | undefined): void {
    for (const misfit of judge(document, collection.writeSchema).misfits) this.#wrong(`${name}: ${misfit}`);
    for (const pointer of collection.key) {
      const value = document[pointer.slice(1)];
      const isKeyable = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint' || Number.isSafeInteger(value);
      if (!isKeyable) this.#wrong(`${name}: its key ${pointer} is ${String(value)}`);
    }
    const { _meta: meta, ...fields } = document;
    if (!isRecord(meta)) this.#wrong(`${name}: _meta is no object`);
    else if ('uuid' in meta) this.#wrong(`${name}: writes _meta.uuid`);
    else if (meta['op'] === 'd' && Object.keys(fields).length !== collection.key.length) this.#wrong(`${name}: a tombstone with fields`);
    if (sourced === undefined) this.#wrong(`${name}: a document before its sourced schema`);
    else for (const misfit of judge(fields, sourced).misfits) this.#wrong(`${name}, against what was announced: ${misfit}`);
  }

  #bindingOf(bindings: readonly Binding[], number: number): Binding | undefined {
    const binding = bindings[number];
    if (binding === undefined) this.#wrong(`there is no binding ${number}`);
    return binding;
  }

  #decode(line: string): Message | null {
    this.output += `${line.slice(0, 100_000)}\n`;
    try {
      return decode(line);
    } catch (error) {
      this.#wrong(`${error instanceof Error ? error.message : String(error)} in ${line.slice(0, 200)}`);
      return null;
    }
  }

  #lookAtEnd({ rest, code, stderr }: Ended): void {
    this.output += stderr;
    if (rest !== '') this.#wrong(`the output ends in the middle of a line: ${rest.slice(0, 100)}`);
    const log = this.#logOf(stderr, false);
    if (code !== 0 && log.at(-1)?.level !== 'error') this.#wrong(`exit ${code} without a last line that says why: ${stderr.slice(-300)}`);
  }

  #logOf(stderr: string, isKilled: boolean): readonly LogLine[] {
    const lines = stderr.split('\n').filter((line) => line !== '');
    return lines.flatMap((line, index) => {
      try {
        const parsed: unknown = JSON.parse(line);
        if (isRecord(parsed) && typeof parsed['message'] === 'string' && levels.includes(String(parsed['level'])))
          return [{ ...parsed, level: String(parsed['level']), message: parsed['message'] }];
        this.#wrong(`a log line without level or message: ${line.slice(0, 200)}`);
      } catch {
        if (!isKilled || index < lines.length - 1) this.#wrong(`a log line that is no JSON: ${line.slice(0, 200)}`);
      }
      return [];
    });
  }

  #wrong(what: string): void {
    if (this.violations.length < 20) this.violations.push(what);
  }
}

const levels = ['trace', 'debug', 'info', 'warn', 'error'];

type Captured = { readonly binding: Binding; readonly document: Document };
type Transaction = { readonly documents: Captured[]; readonly patches: Messages['checkpoint']['state'][] };

export function stateKeyOf(name: string, backfill: number): string {
  return `${name}.v${backfill}`;
}

/** RFC 7396. */
function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatched(merged[name], value);
  }
  return merged;
}

/** What is wrong with the answer to `spec`, and with what is discovered under it. */
export function flawsOf(
  { configSchema, resourceConfigSchema, resourcePathPointers }: Messages['spec'],
  bindings: readonly Discovered[],
): readonly string[] {
  const found = [...badDefaults(configSchema), ...badDefaults(resourceConfigSchema)];
  const paths = new Set<string>();
  for (const { recommendedName, resourceConfig, documentSchema, key } of bindings) {
    for (const misfit of judge(resourceConfig, resourceConfigSchema).misfits) found.push(`${recommendedName}: ${misfit}`);
    const path = resourcePathPointers.map((pointer) => String(resourceConfig[pointer.slice(1)])).join('/');
    if (paths.has(path)) found.push(`${recommendedName}: its path ${path} is taken`);
    paths.add(path);
    const required = (documentSchema['required'] ?? []) as readonly string[];
    const properties = documentSchema['properties'] as Readonly<Record<string, Schema>>;
    for (const pointer of key) {
      const name = pointer.slice(1);
      if (!required.includes(name)) found.push(`${recommendedName}: its key ${pointer} is not required`);
      if (!['integer', 'string', 'boolean'].includes(String(properties[name]?.['type'])))
        found.push(`${recommendedName}: its key ${pointer} has no key-able type`);
    }
    if (documentSchema['x-infer-schema'] !== true) found.push(`${recommendedName}: asks for no inference`);
    judge({}, documentSchema);
  }
  return found;
}
