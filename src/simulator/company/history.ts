// When the calls of the past happened: busy on weekday office hours, quiet at night, a few in the very same second.
import { Random, seedOf } from '../random.ts';

const hourSeconds = 3_600;

/** `count` moments in ascending order, at least `from`, below `to`. */
export function drawMoments({ seed, count, from, to }: { seed: number; count: number; from: number; to: number }): Uint32Array {
  const moments = new Uint32Array(count);
  const hours = Math.max(1, Math.ceil((to - from) / hourSeconds));
  const weights = new Float64Array(hours);
  let weightSum = 0;
  for (let hour = 0; hour < hours; hour += 1) {
    weightSum += weights[hour] = activityAt(from + hour * hourSeconds);
  }
  let filled = 0;
  let weightSeen = 0;
  for (let hour = 0; hour < hours; hour += 1) {
    weightSeen += weights[hour] ?? 0;
    const until = hour === hours - 1 ? count : Math.round((count * weightSeen) / weightSum);
    const start = from + hour * hourSeconds;
    const width = Math.max(1, Math.min(hourSeconds, to - start));
    const random = new Random(seedOf(seed, 6, hour));
    const first = filled;
    for (; filled < until; filled += 1) {
      const isTied = filled > first && random.chance(0.02);
      moments[filled] = isTied ? (moments[filled - 1] ?? start) : start + random.below(width);
    }
    moments.subarray(first, filled).sort();
  }
  return moments;
}

/** How busy the hour that starts then is; about 1 in office hours. */
export function activityAt(seconds: number): number {
  const date = new Date(seconds * 1000);
  const weekday = date.getUTCDay();
  const hour = date.getUTCHours();
  if (weekday === 0 || weekday === 6) return hour >= 9 && hour < 17 ? 0.08 : 0.01;
  if (hour < 7 || hour >= 20) return 0.02;
  return officeHours[hour - 7] ?? 0.3;
}

const officeHours = [0.25, 0.7, 1, 1.1, 1, 0.7, 0.8, 1, 1, 0.9, 0.6, 0.35, 0.15];
