// The fault injector: a Disk that counts the changes and, at the one asked for, fails as a broken disk would or dies.

import fs from 'node:fs'
import { DenError } from '../base/error.ts'
import type { Disk } from './disk.ts'
import { ioError } from './io-error.ts'

export interface Fault {
  /** The number of the change that fails, from 1. */
  readonly at: number
  /** `kill` ends the process at once, as SIGKILL does; `ENOSPC` and `EROFS` go on failing from there, `EIO` and `EMFILE` fail once. */
  readonly how: 'kill' | 'ENOSPC' | 'EIO' | 'EROFS' | 'EMFILE' | 'count'
  /** A file to which the number of changes is written when counting. */
  readonly log?: string
}

/** Reads `how:number` or `count:file`, the form of the variable DEN_TEST_FAULT; undefined for anything else. */
export function parseFault(text: string | undefined): Fault | undefined {
  if (text === undefined) return undefined
  const match = /^(kill|ENOSPC|EIO|EROFS|EMFILE|count):(.+)$/.exec(text)
  if (match === null) return undefined
  const how = match[1] as Fault['how']
  if (how === 'count') return { at: 0, how, log: match[2]! }
  return { at: Number(match[2]), how }
}

function systemError(errno: string): Error {
  return Object.assign(new Error(errno), { code: errno })
}

/** Whose second argument is the path that changes. */
const twoPaths: ReadonlySet<string> = new Set(['symlink', 'hardLink', 'copyFile', 'cloneFile', 'rename'])

/** Wraps a disk. Every method is one change, however many calls it makes; `kill` comes before the change, and so after the one before. */
export function faultyDisk(disk: Disk, fault: Fault): Disk {
  let count = 0
  const wrap = <Arguments extends readonly unknown[]>(name: string, change: (...args: Arguments) => void) => {
    return (...args: Arguments): void => {
      count += 1
      if (fault.how === 'count') {
        change(...args)
        fs.writeFileSync(fault.log!, String(count))
        return
      }
      if (count === fault.at && fault.how === 'kill') {
        process.kill(process.pid, 'SIGKILL')
        // The signal arrives at the next return to the system; nothing of den may run in between.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      }
      const once = fault.how === 'EIO' || fault.how === 'EMFILE'
      // A full disk lets go of things, and a rename back to where there was room a moment ago needs none.
      const needsRoom = !name.startsWith('remove') && !(name === 'rename' && count > fault.at)
      const fails = once ? count === fault.at : fault.how !== 'kill' && count >= fault.at
      if (fails && (needsRoom || fault.how !== 'ENOSPC')) {
        const path = String([(twoPaths.has(name) ? args[1] : args[0]) ?? name].flat()[0])
        const error = ioError(systemError(fault.how), name, path)
        throw error instanceof DenError ? error : new Error('unreachable')
      }
      change(...args)
    }
  }
  // Many changes in one call would leave the faults between them untried.
  const { linkTrees: _, placeRows: __, ...single } = disk
  return Object.fromEntries(
    Object.entries(single).map(([name, change]) => [name, wrap(name, change as (...args: unknown[]) => void)]),
  ) as unknown as Disk
}
