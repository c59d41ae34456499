// Runs programs one after another and says what each took: wall time, processor time of all its threads and children, peak memory. A small
// Python does it, since Node learns nothing of its children's processor time; it costs the runs nothing.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Timing {
  /** Milliseconds. */
  readonly wall: number
  /** Milliseconds of processor time, user's and system's. */
  readonly cpu: number
  /** MiB, of the largest process. */
  readonly memory: number
  readonly status: number
}

export interface Stopwatch {
  run(command: readonly string[], options: RunOptions): Promise<Timing>
  close(): void
}

export interface RunOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Where its output goes. */
  readonly log: string
}

const program = `
import json, os, sys, time
for line in sys.stdin:
    job = json.loads(line)
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    os.chdir(job["cwd"])
    begin = time.perf_counter()
    actions = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    pid = os.posix_spawn(job["command"][0], job["command"], job["env"], file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begin
    os.close(log)
    os.close(null)
    print(json.dumps({
        "wall": wall * 1000,
        "cpu": (usage.ru_utime + usage.ru_stime) * 1000,
        "memory": usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024),
        "status": os.waitstatus_to_exitcode(status),
    }), flush=True)
`

export function openStopwatch(python: string): Stopwatch {
  const child: ChildProcess = spawn(python, ['-I', '-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return {
    run: async (command, { cwd, env, log }) => {
      child.stdin!.write(`${JSON.stringify({ command, cwd, env, log })}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the stopwatch has stopped')
      return JSON.parse(value) as Timing
    },
    close: () => child.stdin!.end(),
  }
}
