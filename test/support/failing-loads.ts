// A destination whose loads fail, around a real one: what a lost connection or a full disk looks like to a run.
import type { Destination, SealedPackage, Session } from '../../src/load/index.ts';

/** `fails` is asked before each load; an error it gives is thrown instead of loading. */
export function failingLoads(destination: Destination, fails: (sealed: SealedPackage) => Error | null): Destination {
  return {
    ...destination,
    open: async (options) => {
      const session = await destination.open(options);
      const failing: Session = {
        recall: (pipeline) => session.recall(pipeline),
        claim: (pipeline, holder) => session.claim(pipeline, holder),
        renew: (lease) => session.renew(lease),
        release: (lease) => session.release(lease),
        liveKeys: (table, between) => session.liveKeys(table, between),
        query: (sql, query) => session.query(sql, query),
        drop: (pipeline, streams, lease) => session.drop(pipeline, streams, lease),
        publish: () => session.publish(),
        close: () => session.close(),
        load: (sealed, lease) => {
          const error = fails(sealed);
          return error === null ? session.load(sealed, lease) : Promise.reject(error);
        },
      };
      return failing;
    },
  };
}
