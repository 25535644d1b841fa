// One abort listener per signal, however many requests hang on it: Node warns about the eleventh.

const relays = new WeakMap<AbortSignal, Set<() => void>>();

/** Runs `callback` once when the signal aborts. Returns a function that calls it off. An aborted signal is not noticed. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = relays.get(signal);
  if (callbacks === undefined) {
    const created = new Set<() => void>();
    callbacks = created;
    relays.set(signal, created);
    const abortAll = () => {
      for (const each of created) each();
    };
    signal.addEventListener('abort', abortAll, { once: true });
  }
  const registered = callbacks;
  registered.add(callback);
  return () => void registered.delete(callback);
}

/** A signal of one request's own that aborts when any of the given ones does, until it is released. */
export function linkSignals(signals: readonly (AbortSignal | undefined)[]): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const releases: (() => void)[] = [];
  for (const signal of signals) {
    if (signal === undefined) continue;
    if (signal.aborted) controller.abort(signal.reason);
    else releases.push(onAbort(signal, () => controller.abort(signal.reason)));
  }
  return {
    signal: controller.signal,
    release: () => {
      for (const release of releases) release();
    },
  };
}
