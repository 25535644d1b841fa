// The time of a budget file.
//
// People set clocks, so that wall time cannot say when a slot frees. Each file counts its own milliseconds instead. Every
// transaction moves them on by what the machine's uptime says has passed since the transaction before, whichever process
// that was. The count may lag behind real time and then a slot frees late; it never runs ahead.

/** One look at the machine's clocks. */
export type ClockReading = { readonly uptimeMs: number; readonly wallMs: number; readonly kernel: string };

/** The file's time at the moment of a reading. */
export type FileTime = ClockReading & { readonly nowMs: number };

/** The file's time at a new reading, given the one stored last. */
export function advance(last: FileTime, reading: ClockReading): FileTime {
  return { ...reading, nowMs: last.nowMs + elapsedMs(last, reading) };
}

function elapsedMs(last: ClockReading, reading: ClockReading): number {
  const upMs = reading.uptimeMs - last.uptimeMs;
  // Also right after an unnoticed restart: then the whole uptime has passed since, which is more than the difference.
  if (reading.kernel === last.kernel && upMs >= 0) return upMs;
  // The machine was restarted. At least its uptime has passed, unless the file came from another machine; the wall clock
  // then says less. Where it was set back, it says nothing, and slots stay taken a little longer than they need.
  return Math.max(0, Math.min(reading.uptimeMs, reading.wallMs - last.wallMs));
}
