// Progress of a sync on stderr: redrawn in place on a terminal, plain lines elsewhere.
import { createLog } from '../../base/index.ts';
import type { Budget, Clock, Log } from '../../base/index.ts';
import type { SyncEvent } from '../../sync/index.ts';
import type { Settings } from '../settings/resolve.ts';
import type { Environment, Output } from '../world.ts';
import { duration, plural } from './format.ts';
import { factsOf, liveLines, outcomeWords, requestsLine } from './progress-lines.ts';
import { advance, startProgress } from './progress-state.ts';
import type { Progress as ProgressState } from './progress-state.ts';
import { styleOf } from './style.ts';
import type { Style } from './style.ts';

interface ProgressDisplay {
  readonly onEvent: (event: SyncEvent) => void;
  /** Takes the display away while a person is asked. */
  readonly aside: <T>(ask: () => Promise<T>) => Promise<T>;
  /** Draws a last time and leaves the lines standing. Safe to call twice. */
  readonly end: () => void;
}

type DisplayOptions = {
  readonly streams: readonly string[];
  readonly output: Output;
  readonly style: Style;
  readonly clock: Clock;
  readonly budget: Pick<Budget, 'status'>;
};

export interface Progress {
  /** Lines go above the display while there is one. */
  readonly log: Log;
  /** The display appears. */
  readonly begin: (budget: Pick<Budget, 'status'>) => void;
  readonly onEvent: (event: SyncEvent) => void;
  readonly aside: <T>(ask: () => Promise<T>) => Promise<T>;
  readonly end: () => void;
}

/** The display that fits: live on a terminal, plain lines where they go to a file, a pipe or a program. */
export function openProgress(options: {
  readonly settings: Settings<'log' | 'logFormat'>;
  readonly output: Output;
  readonly env: Environment;
  readonly clock: Clock;
  readonly streams: readonly string[];
}): Progress {
  const { settings, output, env, clock, streams } = options;
  const isLive = output.isTerminal && settings.logFormat === 'text' && settings.log !== 'silent' && env['TERM'] !== 'dumb';
  let display: ProgressDisplay | null = null;
  let above: ((line: string) => void) | null = null;
  const write = (line: string) => (above === null ? void output.write(`${line}\n`) : above(line));
  const log = createLog({ level: settings.log, format: settings.logFormat, write });
  return {
    log,
    begin(budget) {
      if (isLive) {
        const live = liveProgress({ streams, output, style: styleOf(output, env), clock, budget });
        above = live.line;
        display = live;
      } else {
        display = plainProgress({ streams, clock, budget, log });
      }
    },
    onEvent: (event) => display?.onEvent(event),
    aside: (ask) => display?.aside(ask) ?? ask(),
    end: () => display?.end(),
  };
}

const redrawMs = 100;
const plainEveryMs = 10_000;

/** The live display. Its timer does not keep the process alive. */
export function liveProgress(options: DisplayOptions): ProgressDisplay & {
  /** Writes a line above the display. */
  readonly line: (text: string) => void;
} {
  const { output, style, clock, budget } = options;
  let state = startProgress(options.streams, clock.monotonic());
  let drawn = 0;
  let ended = false;
  let hidden = false;
  const erase = () => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`);
  const draw = () => {
    if (hidden) return;
    const lines = liveLines(state, { nowMs: clock.monotonic(), budget: budget.status(), width: output.columns() - 1, style });
    void output.write(`${erase()}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  const line = (text: string) => {
    void output.write(`${erase()}${text}\n`);
    drawn = 0;
    if (!ended) draw();
  };
  return {
    line,
    onEvent(event) {
      state = advance(state, event, clock.monotonic());
      const text = noticeOf(event);
      if (text !== null) line(`${style.yellow('!')} ${text}`);
    },
    async aside(ask) {
      hidden = true;
      await output.write(erase());
      drawn = 0;
      try {
        return await ask();
      } finally {
        hidden = false;
      }
    },
    end() {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      state = { ...state, waiting: null };
      draw();
    },
  };
}

/** Plain lines for logs: when a stream begins and ends, every ten seconds between, and each wait. */
export function plainProgress(options: Omit<DisplayOptions, 'output' | 'style'> & { readonly log: Log }): ProgressDisplay {
  const { clock, budget, log } = options;
  let state = startProgress(options.streams, clock.monotonic());
  let lastLineMs = clock.monotonic();
  let waitToldUntilMs = -Infinity;
  return {
    aside: (ask) => ask(),
    onEvent(event) {
      const nowMs = clock.monotonic();
      state = advance(state, event, nowMs);
      switch (event.kind) {
        case 'stream-started':
          log.info(`${event.stream}: reading${event.first ? ' for the first time' : ''}.`);
          break;
        case 'progress':
          if (nowMs - lastLineMs < plainEveryMs) break;
          lastLineMs = nowMs;
          log.info(`${event.stream}: ${plainDetails(state, event.stream)}. ${requestsLine(state, { nowMs, budget: budget.status() })}.`);
          break;
        case 'stream-ended': {
          const { stream, outcome, messages } = event.result;
          const text = `${stream}: ${outcomeWords[outcome]}; ${plainDetails(state, stream)}.`;
          if (outcome === 'done' || outcome === 'off') log.info(text);
          else log.warn(`${text} ${messages.join(' ')}`.trim());
          break;
        }
        case 'waiting': {
          if (event.waitMs < 1000 || nowMs < waitToldUntilMs) break;
          waitToldUntilMs = nowMs + Math.max(event.waitMs, plainEveryMs);
          log.info(waitSentence(event));
          break;
        }
        case 'package':
        case 'notice': {
          const text = noticeOf(event);
          if (text !== null) log.warn(text);
        }
      }
    },
    end() {},
  };
}

function plainDetails(progress: ProgressState, name: string): string {
  const stream = progress.streams.find((each) => each.stream === name);
  return stream === undefined ? '' : factsOf(stream).join(', ');
}

function waitSentence(event: Extract<SyncEvent, { kind: 'waiting' }>): string {
  const span = duration(event.waitMs);
  switch (event.reason) {
    case 'budget':
      return `The request budget is used up; waiting ${span} for it to refill.`;
    case 'refused':
      return `Aircall answered "too many requests": another program uses the same company's limit. Waiting ${span}.`;
    case 'retry':
      return `A request to Aircall failed; trying again in ${span}.`;
    case 'lock':
      return `The destination is open in ${event.holder ?? 'another program'}; waiting until it closes it.`;
    case 'destination':
      return `The destination does not answer; trying again in ${span}.`;
  }
}

function noticeOf(event: SyncEvent): string | null {
  if (event.kind === 'notice') return event.stream === null ? event.text : `${event.stream}: ${event.text}`;
  if (event.kind !== 'package' || !event.recovered) return null;
  return `A package that an earlier run had sealed (${plural(event.rows, 'row')}) was loaded first.`;
}
