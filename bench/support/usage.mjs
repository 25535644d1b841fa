/** What this process has used so far. */
export function usage() {
  const { maxRSS } = process.resourceUsage();
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, peakMegabytes: maxRSS / 1024 };
}
