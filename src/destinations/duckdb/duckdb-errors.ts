// What DuckDB's messages mean for us. Its library throws plain errors whose text begins with the kind: "IO Error: …".
import { EnvironmentError, Interrupted, isTrunklineError, messageOf, UsageError } from '../../base/index.ts';
import { DestinationFailed, DestinationUnreachable, LoadRefused } from '../../load/index.ts';
import { IncompleteLine } from './incomplete-line.ts';

/** Who holds the file, when the message is about that: `node (PID 4711)`. Null when it is about something else. */
export function lockHolder(error: unknown): string | null {
  const message = messageOf(error);
  const held = /Conflicting lock is held in (.*?) \(PID (\d+)\)/.exec(message);
  if (held) return `${held[1]?.split(/[\\/]/).at(-1) ?? 'a program'} (PID ${held[2] ?? 'unknown'})`;
  const pid = /Could not set lock[^]*?PID (\d+)/.exec(message)?.[1];
  if (pid !== undefined) return `the program with PID ${pid}`;
  return /Could not set lock|being used by another process/.test(message) ? 'another program' : null;
}

/** True when DuckDB could not read a value or line of a package file: what a poisoned row looks like from here. */
export function isBadInput(error: unknown): boolean {
  return error instanceof IncompleteLine || /^(?:Invalid Input|Conversion|Out of Range) Error/.test(messageOf(error));
}

/** True when DuckDB may not use as much memory as it needs. */
export function isOutOfMemory(error: unknown): boolean {
  return messageOf(error).includes('Out of Memory Error');
}

/** What an operator's own SQL did wrong, in DuckDB's words; null when the error is about something else. */
export function sqlRefused(error: unknown): UsageError | null {
  const message = messageOf(error).replace(/^Failed to extract statements: /, '');
  if (!/^(?:Parser|Syntax|Binder|Catalog|Conversion|Invalid Input|Out of Range|Permission|Not implemented) Error/i.test(message))
    return null;
  return new UsageError(
    { code: 'query_refused', message, hint: 'Queries can read the tables of the destination and nothing else.' },
    { cause: error },
  );
}

/** Any error as one of ours. Text after the first line is DuckDB's general advice, and may hold values: it is left out. */
export function asOurs(error: unknown, label: string): Error {
  if (isTrunklineError(error)) return error;
  const first = messageOf(error).split('\n', 1)[0] ?? '';
  const cause = { cause: error };
  if (first.startsWith('INTERRUPT Error')) return new Interrupted(cause);
  if (isOutOfMemory(error)) {
    return new LoadRefused(
      {
        code: 'memory_limit',
        message: `DuckDB needs more working memory for ${label} than it may use.`,
        hint: 'Raise TRUNKLINE_MEMORY, for example to 512MB.',
      },
      cause,
    );
  }
  if (
    /No space left on device|File too large|Disk quota exceeded|not enough space on the disk|Disk full|max_temp_directory_size/i.test(first)
  ) {
    return new EnvironmentError(
      {
        code: 'disk_full',
        message: `There is no space left for ${label}.`,
        hint: 'Free some space and run again; nothing that was loaded is lost.',
        retryable: true,
      },
      cause,
    );
  }
  if (/not a valid DuckDB database file/.test(first)) {
    return new DestinationUnreachable({ label, reason: 'the file is not a DuckDB database.', hint: 'Choose another path.' }, cause);
  }
  if (/database file with version number|newer version of DuckDB|storage version/i.test(first)) {
    return new DestinationUnreachable(
      {
        label,
        reason: 'the file was written by another version of DuckDB, which this one cannot read.',
        hint: 'Export it with that version, or choose another path.',
      },
      cause,
    );
  }
  if (first.startsWith('IO Error')) return new DestinationUnreachable({ label, reason: first }, cause);
  return new DestinationFailed({ label, reason: withoutValues(first) }, cause);
}

/** DuckDB quotes the values it stumbles over. Keep its sentence, drop what is quoted. */
function withoutValues(message: string): string {
  return message.replaceAll(/"[^"]*"|'[^']*'/g, '"…"').slice(0, 300);
}
