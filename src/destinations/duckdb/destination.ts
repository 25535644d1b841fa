import { basename } from 'node:path';
import { systemClock, UsageError } from '../../base/index.ts';
import type { Destination } from '../../load/index.ts';
import { loadBinding } from './binding.ts';
import { capabilities } from './capabilities.ts';
import { checkFile } from './check-file.ts';
import { withFileClosed } from './open-files.ts';
import { defaults, type DuckdbOptions } from './options.ts';
import { DuckdbSession } from './session.ts';

/**
 * A DuckDB file as a destination. Everything of a package, changes of shape included, is one transaction. The file is open
 * only while something is done with it: between packages any other program can read it.
 *
 * Throws `UsageError` when the dataset has the name of the file, which makes `name.table` ambiguous in DuckDB.
 */
export function duckdb(options: DuckdbOptions): Destination {
  const settings = Object.freeze({ ...options });
  const label = `duckdb:${settings.path}`;
  const dataset = settings.dataset ?? defaults.dataset;
  if (dataset.toLowerCase() === stemOf(settings.path).toLowerCase()) {
    throw new UsageError({
      code: 'dataset_ambiguous',
      message: `The dataset "${dataset}" has the same name as the DuckDB file "${settings.path}"; DuckDB could not tell the two apart.`,
      hint: 'Choose another dataset, such as aircall_data, or another file name.',
    });
  }
  return {
    name: 'duckdb',
    label,
    capabilities,
    open: async (open) => {
      loadBinding();
      const waiting = {
        label,
        clock: settings.clock ?? systemClock,
        signal: open.signal,
        onWait: open.onWait,
        lockWaitMs: settings.lockWaitMs ?? defaults.lockWaitMs,
      };
      await withFileClosed(settings.path, waiting, () => checkFile(settings.path, label));
      return new DuckdbSession(settings, label, open);
    },
  };
}

/** DuckDB names a database after its file, up to the first dot. */
function stemOf(path: string): string {
  return (
    basename(path)
      .split('.')
      .find((part) => part !== '') ?? ''
  );
}
