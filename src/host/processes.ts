// Which process made a file: a mark for the names of things that are only half-made, and whether that process is still at work.

import fs from 'node:fs'
import { errnoOf } from './io-error.ts'

/** This process on this machine, in letters, digits and `-`: a short sum of the machine's mark, then the process number. */
export function processMark(): string {
  return `${machineMark()}-${process.pid.toString(36)}`
}

/**
 * Whether the process that made the mark has ended: `unknown` for one of another machine or container, whose processes cannot be seen
 * from here.
 */
export function processState(mark: string): 'running' | 'ended' | 'unknown' {
  const [machine, number] = mark.split('-')
  const pid = Number.parseInt(number ?? '', 36)
  if (machine !== machineMark() || !Number.isSafeInteger(pid) || pid <= 0) return 'unknown'
  try {
    process.kill(pid, 0)
    return 'running'
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return errnoOf(error) === 'EPERM' ? 'running' : 'ended'
  }
}

/** Containers on the host's network have its name, but process numbers of their own. */
function machineMark(): string {
  let sum = 0
  for (const letter of `${hostName()}${processNamespace()}`) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0
  return (sum >>> 0).toString(36)
}

/** "pid:[4026531836]" on Linux: whose process numbers these are. */
function processNamespace(): string {
  try {
    if (process.platform === 'linux') return fs.readlinkSync('/proc/self/ns/pid')
  } catch {
    // No /proc here, or one that does not tell.
  }
  return ''
}

/** As `os.hostname()` says it; Linux tells it without that module, which takes a fifth of a millisecond to load. */
function hostName(): string {
  try {
    if (process.platform === 'linux') return fs.readFileSync('/proc/sys/kernel/hostname', 'utf8').trimEnd()
  } catch {
    // No /proc here.
  }
  return process.getBuiltinModule('node:os').hostname()
}
