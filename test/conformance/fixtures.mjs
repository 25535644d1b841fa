// The tools, prompts and resources that the protocol's conformance suite asks a server to have, in the form its scenarios describe
// them. They stand behind the gateway's own front in the place of Aircall's tools, so that all of the suite can be run against it.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
// By its path: beside this file lies another copy, an older one that the Inspector brings.
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  InMemoryServerEventBus,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
} from '../../node_modules/@modelcontextprotocol/server/dist/index.mjs';

/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').CallToolResult} CallToolResult */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').ContentBlock} ContentBlock */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').ElicitRequestFormParams} Form */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').GetPromptResult} GetPromptResult */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').InputRequiredResult} InputRequiredResult */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').McpServerFactory} McpServerFactory */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').Prompt} Prompt */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').ReadResourceResult} ReadResourceResult */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').ServerContext} ServerContext */
/** @typedef {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').Tool} Tool */

/** @typedef {(context: ServerContext) => CallToolResult | InputRequiredResult | Promise<CallToolResult | InputRequiredResult>} RunTool */
/** @typedef {(given: Readonly<Record<string, string>>, context: ServerContext) => GetPromptResult | InputRequiredResult} MakePrompt */

/** One red pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
/** No sound at all: a header of 44 bytes. */
const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';

const bus = new InMemoryServerEventBus();
/** @type {import('../../node_modules/@modelcontextprotocol/server/dist/index.mjs').RequestStateCodec<string>} */
const states = createRequestStateCodec({
  key: randomBytes(32),
  ttlSeconds: 60,
  bind: ({ mcpReq, http }) => `${mcpReq.method}\0${http?.authInfo?.clientId ?? ''}`,
});

const askName = form('What is your name?', { name: { type: 'string' } });
const askOk = form('Please confirm', { ok: { type: 'boolean' } });

/** What `json-schema-2020-12` looks for again in the list. */
const schema2020 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** @type {Readonly<Record<string, { readonly run: RunTool; readonly schema?: object }>>} */
const tools = {
  test_simple_text: { run: () => said('This is a simple text response for testing.') },
  test_image_content: { run: () => content({ type: 'image', data: png, mimeType: 'image/png' }) },
  test_audio_content: { run: () => content({ type: 'audio', data: wav, mimeType: 'audio/wav' }) },
  test_embedded_resource: {
    run: () => content(embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')),
  },
  test_multiple_content_types: {
    run: () =>
      content(
        { type: 'text', text: 'Multiple content types test:' },
        { type: 'image', data: png, mimeType: 'image/png' },
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ),
  },
  test_error_handling: { run: () => ({ ...said('This tool intentionally returns an error for testing'), isError: true }) },
  test_tool_with_progress: {
    run: async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await sleep(50);
        if (progressToken === undefined) continue;
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
      }
      return said('Done.');
    },
  },
  test_tool_with_logging: {
    run: async (context) => {
      await log(context, 'Tool execution started');
      await sleep(50);
      await log(context, 'Tool processing data');
      await sleep(50);
      await log(context, 'Tool execution completed');
      return said('Done.');
    },
  },
  test_logging_tool: {
    run: async (context) => {
      await log(context, 'Only for who asked for it');
      return said('Done.');
    },
  },
  test_missing_capability: { run: () => inputRequired({ inputRequests: { answer: sample('Say hello', 10) } }) },
  test_streaming_elicitation: { run: () => inputRequired({ inputRequests: { user_name: askName } }) },
  test_trigger_tool_change: {
    run: () => {
      bus.publish({ kind: 'tools_list_changed' });
      return said('Done.');
    },
  },
  test_trigger_prompt_change: {
    run: () => {
      bus.publish({ kind: 'prompts_list_changed' });
      return said('Done.');
    },
  },
  test_input_required_result_elicitation: {
    run: ({ mcpReq }) => {
      const name = acceptedContent(mcpReq.inputResponses, 'user_name')?.['name'];
      return typeof name === 'string' ? said(`Hello, ${name}!`) : inputRequired({ inputRequests: { user_name: askName } });
    },
  },
  test_input_required_result_sampling: {
    run: ({ mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
      return answer.kind === 'sampling'
        ? said(JSON.stringify(answer.result.content))
        : inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?', 100) } });
    },
  },
  test_input_required_result_list_roots: {
    run: ({ mcpReq }) => {
      const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
      return answer.kind === 'roots'
        ? said(JSON.stringify(answer.roots))
        : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  test_input_required_result_request_state: { run: confirmWithState },
  test_input_required_result_tampered_state: { run: confirmWithState },
  test_input_required_result_multiple_inputs: {
    run: async (context) => {
      const { inputResponses, requestState } = context.mcpReq;
      const name = acceptedContent(inputResponses, 'user_name')?.['name'];
      const greeting = inputResponse(inputResponses, 'greeting');
      const roots = inputResponse(inputResponses, 'client_roots');
      if (requestState() === 'asked' && typeof name === 'string' && greeting.kind === 'sampling' && roots.kind === 'roots') {
        return said(`${name}: ${JSON.stringify(greeting.result.content)}, ${roots.roots.length} roots`);
      }
      const greet = sample('Generate a greeting', 50);
      return inputRequired({
        inputRequests: { user_name: askName, greeting: greet, client_roots: inputRequired.listRoots() },
        requestState: await states.mint('asked', context),
      });
    },
  },
  test_input_required_result_multi_round: {
    run: async (context) => {
      const { inputResponses, requestState } = context.mcpReq;
      const name = acceptedContent(inputResponses, 'step1')?.['name'];
      const color = acceptedContent(inputResponses, 'step2')?.['color'];
      const state = requestState();
      if (typeof state === 'string' && state.startsWith('second ') && typeof color === 'string') {
        return said(`${state.slice('second '.length)} likes ${color}.`);
      }
      if (state === 'first' && typeof name === 'string') {
        const step2 = form('Step 2: What is your favorite color?', { color: { type: 'string' } });
        return inputRequired({ inputRequests: { step2 }, requestState: await states.mint(`second ${name}`, context) });
      }
      const step1 = form('Step 1: What is your name?', { name: { type: 'string' } });
      return inputRequired({ inputRequests: { step1 }, requestState: await states.mint('first', context) });
    },
  },
  test_input_required_result_capabilities: {
    run: ({ mcpReq }) => {
      /** @type {Readonly<Record<string, unknown>>} */
      const envelope = { ...mcpReq.envelope };
      const declared = Object(envelope[CLIENT_CAPABILITIES_META_KEY]);
      const canElicit = Object.hasOwn(declared, 'elicitation');
      const canSample = Object.hasOwn(declared, 'sampling');
      if (!canElicit && !canSample) return said('There is nothing to ask this client for.');
      return inputRequired({
        inputRequests: {
          ...(canElicit ? { user_name: askName } : {}),
          ...(canSample ? { greeting: sample('Generate a greeting', 50) } : {}),
        },
      });
    },
  },
  json_schema_2020_12_tool: { run: () => said('Done.'), schema: schema2020 },
};

/** @type {readonly Tool[]} */
const listedTools = Object.entries(tools).map(([name, { schema = {} }]) => ({
  name,
  description: `For the conformance suite: ${name}.`,
  inputSchema: { type: 'object', ...schema },
}));

/** @type {Readonly<Record<string, { readonly make: MakePrompt; readonly takes?: readonly string[] }>>} */
const prompts = {
  test_simple_prompt: { make: () => messages({ type: 'text', text: 'This is a simple prompt for testing.' }) },
  test_prompt_with_arguments: {
    takes: ['arg1', 'arg2'],
    make: ({ arg1 = '', arg2 = '' }) => messages({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  },
  test_prompt_with_embedded_resource: {
    takes: ['resourceUri'],
    make: ({ resourceUri = '' }) =>
      messages(embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'), {
        type: 'text',
        text: 'Please process the embedded resource above.',
      }),
  },
  test_prompt_with_image: {
    make: () => messages({ type: 'image', data: png, mimeType: 'image/png' }, { type: 'text', text: 'Please analyze the image above.' }),
  },
  test_input_required_result_prompt: {
    make: (_given, { mcpReq }) => {
      const context = acceptedContent(mcpReq.inputResponses, 'user_context')?.['context'];
      if (typeof context === 'string') return messages({ type: 'text', text: `In this context: ${context}` });
      const ask = form('What context should the prompt use?', { context: { type: 'string' } });
      return inputRequired({ inputRequests: { user_context: ask } });
    },
  },
};

/** @type {readonly Prompt[]} */
const listedPrompts = Object.entries(prompts).map(([name, { takes = [] }]) => ({
  name,
  description: `For the conformance suite: ${name}.`,
  arguments: takes.map((each) => ({ name: each, description: `The argument ${each}.`, required: true })),
}));

const resources = [
  { uri: 'test://static-text', name: 'static-text', description: 'A text that never changes.', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', description: 'A picture that never changes.', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched-resource', description: 'A text to subscribe to.', mimeType: 'text/plain' },
];

const resourceTemplates = [
  { uriTemplate: 'test://template/{id}/data', name: 'template', description: 'One for every id.', mimeType: 'application/json' },
];

/** As the surface takes it: a server for each request, and where it says that something has changed. */
export const fixtures = { factory: makeServer, bus };

/** @type {McpServerFactory} */
function makeServer({ era }) {
  const isModern = era === 'modern';
  // oxlint-disable-next-line typescript/no-deprecated -- as the gateway does, so that it is the same kind of server that is tested
  const server = new Server(
    { name: 'trunkline-conformance', version: '1.0.0' },
    {
      capabilities: {
        tools: isModern ? { listChanged: true } : {},
        prompts: isModern ? { listChanged: true } : {},
        resources: isModern ? {} : { subscribe: true },
        completions: {},
        logging: {},
      },
      inputRequired: { legacyShim: false },
      requestState: { verify: states.verify },
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: [...listedTools] }));
  server.setRequestHandler('tools/call', ({ params }, context) => {
    const tool = Object.hasOwn(tools, params.name) ? tools[params.name] : undefined;
    if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    return tool.run(context);
  });
  server.setRequestHandler('prompts/list', () => ({ prompts: [...listedPrompts] }));
  server.setRequestHandler('prompts/get', ({ params }, context) => {
    const prompt = Object.hasOwn(prompts, params.name) ? prompts[params.name] : undefined;
    if (prompt === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${params.name}`);
    return prompt.make(params.arguments ?? {}, context);
  });
  server.setRequestHandler('resources/list', () => ({ resources }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }));
  server.setRequestHandler('resources/read', ({ params }) => readResource(params.uri));
  server.setRequestHandler('completion/complete', ({ params }) => {
    const values = ['paris', 'park', 'party'].filter((value) => value.startsWith(params.argument.value));
    return { completion: { values, total: values.length, hasMore: false } };
  });
  if (!isModern) {
    // Each request is answered by a server of its own: there is nothing to remember these for.
    server.setRequestHandler('resources/subscribe', () => ({}));
    server.setRequestHandler('resources/unsubscribe', () => ({}));
  }
  return server;
}

/**
 * @param {string} uri
 * @returns {ReadResourceResult}
 */
function readResource(uri) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ uri, mimeType: 'application/json', text }] };
  }
  switch (uri) {
    case 'test://static-text':
      return { contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] };
    case 'test://static-binary':
      return { contents: [{ uri, mimeType: 'image/png', blob: png }] };
    case 'test://watched-resource':
      return { contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the watched resource.' }] };
    default:
      throw new ResourceNotFoundError(uri);
  }
}

/** @type {RunTool} */
async function confirmWithState(context) {
  const { inputResponses, requestState } = context.mcpReq;
  const isConfirmed = acceptedContent(inputResponses, 'confirm')?.['ok'] === true;
  if (isConfirmed && requestState() === 'asked') return said('state-ok');
  return inputRequired({ inputRequests: { confirm: askOk }, requestState: await states.mint('asked', context) });
}

/**
 * @param {ServerContext} context
 * @param {string} text
 */
function log({ mcpReq }, text) {
  // oxlint-disable-next-line typescript/no-deprecated -- still part of both revisions
  return mcpReq.log('info', text);
}

/**
 * @param {string} message
 * @param {Form['requestedSchema']['properties']} properties
 */
function form(message, properties) {
  return inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required: Object.keys(properties) } });
}

/**
 * @param {string} text
 * @param {number} maxTokens
 */
function sample(text, maxTokens) {
  return inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens });
}

/**
 * @param {ContentBlock[]} blocks
 * @returns {CallToolResult}
 */
function content(...blocks) {
  return { content: blocks };
}

/** @param {string} text */
function said(text) {
  return content({ type: 'text', text });
}

/**
 * @param {ContentBlock[]} blocks
 * @returns {GetPromptResult}
 */
function messages(...blocks) {
  return { messages: blocks.map((block) => ({ role: 'user', content: block })) };
}

/**
 * @param {string} uri
 * @param {string} mimeType
 * @param {string} text
 * @returns {ContentBlock}
 */
function embedded(uri, mimeType, text) {
  return { type: 'resource', resource: { uri, mimeType, text } };
}
