// A log in which no secret can be read, whoever writes to it.
import type { Log, LogFacts } from '../../base/index.ts';
import type { Redactor } from '../airbyte/redact.ts';

export function redactedLog(log: Log, redactor: () => Redactor): Log {
  const clean = (facts: LogFacts = {}): LogFacts =>
    Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? redactor().text(value) : value]));
  return {
    debug: (message, facts) => log.debug(redactor().text(message), clean(facts)),
    info: (message, facts) => log.info(redactor().text(message), clean(facts)),
    warn: (message, facts) => log.warn(redactor().text(message), clean(facts)),
    error: (message, facts) => log.error(redactor().text(message), clean(facts)),
  };
}
