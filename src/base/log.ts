/** Structured logging: a sentence and its facts. Where lines go and how they look is decided by the caller. */
export interface Log {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}

/** Facts beside the sentence. Never a secret, a phone number, a person's name or a recording link. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogOptions = {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Receives one line without its line end. */
  readonly write: (line: string) => void;
  readonly now?: () => Date;
};

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export function createLog(options: LogOptions): Log {
  const { level, format, write, now = () => new Date() } = options;
  const lowest = logLevels.indexOf(level);
  const at =
    (name: Exclude<LogLevel, 'silent'>) =>
    (message: string, facts: LogFacts = {}): void => {
      if (logLevels.indexOf(name) < lowest) return;
      write(format === 'json' ? asJson(name, message, facts, now()) : asText(name, message, facts));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function asJson(level: string, message: string, facts: LogFacts, time: Date): string {
  return JSON.stringify({ time: time.toISOString(), level, message, ...facts });
}

function asText(level: string, message: string, facts: LogFacts): string {
  const shown = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' && /\s/.test(value) ? JSON.stringify(value) : String(value)}`);
  return [level === 'info' ? '' : `${level}: `, message, shown.length > 0 ? ` (${shown.join(', ')})` : ''].join('');
}
