// Time that does not hang on what else the machine is doing.

/** Milliseconds of processor time that the work takes of this process. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
