// den run, where all that it would find out is remembered: which environment, and that it is what its project's lock says. Which program a
// name means is looked up anew. Loaded before anything else of den, so it imports little.

import path from 'node:path'
import { programIn } from '../commands/run-program.ts'
import { become } from '../host/exec.ts'
import { writeAll } from '../host/facts.ts'
import { realFiles } from '../host/files.ts'
import { restoreVariables } from '../host/received.ts'
import { type Asked, recallAnswer, splitRun } from './recall.ts'

/** Runs the program; undefined where the ordinary way has to be gone, for which nothing has been done yet. Else the exit code. */
export async function recallRun(words: readonly string[], asked: Asked): Promise<number | undefined> {
  const split = splitRun(words)
  const answer = split === undefined ? undefined : recallAnswer(asked)
  if (split === undefined || answer?.run === undefined || process.platform === 'win32') return undefined
  const { command, module } = split
  try {
    const host = {
      files: realFiles,
      path: path.posix,
      env: restoreVariables(process.env),
      platform: process.platform as 'linux',
      cwd: asked.cwd,
    }
    const program = programIn(host, answer.run, { command, ...(module ? { module } : {}) })
    if (answer.said !== undefined) writeAll(2, answer.said)
    return await become(program)
  } catch {
    // Tried again, and told, by whoever has the words for it.
    return undefined
  }
}
