// The clock of observations: microseconds, strictly increasing per company, even when the machine's clock is set back.
// It orders what was seen of one object, since Aircall gives no time of change that could.

export class Observer {
  #lastMicros: number;

  /** `last`: the newest stamp ever given, as kept in the destination. */
  constructor(last: string | null) {
    this.#lastMicros = last === null ? 0 : parseMicros(last);
  }

  /** A stamp for what an answer showed: the time its request was sent, or just after the last stamp. ISO-8601 UTC. */
  stamp(sentAtMs: number): string {
    this.#lastMicros = Math.max(Math.floor(sentAtMs * 1000), this.#lastMicros + 1);
    return formatMicros(this.#lastMicros);
  }

  get last(): string {
    return formatMicros(this.#lastMicros);
  }
}

function formatMicros(micros: number): string {
  const milliseconds = Math.floor(micros / 1000);
  const rest = String(micros - milliseconds * 1000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}

function parseMicros(text: string): number {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6));
  return Math.floor(Date.parse(text.replace(/\.\d+/, '')) * 1000) + micros;
}
