// Many directories and second names at once, known beforehand one and all: nothing but the system's own calls (calls-below.ts). Where these
// can't be had they are made one by one.

import fs from 'node:fs'
import { type CallsBelow, callsBelow } from './calls-below.ts'

export interface Rows {
  /**
   * UTF-8, each name with a NUL behind it: what is looked at below `from`; directories below `to` that stand; directories that are made
   * there; and then, of each second name, what it is given to (below `from`) and the name (below `to`).
   */
  readonly names: Uint8Array
  readonly looks: number
  readonly standing: number
  readonly directories: number
  readonly links: number
  /** Of each look: the time of the last change, in milliseconds since 1970, and the bytes of a file; -1 for a directory. */
  readonly facts: readonly number[]
}

/** How far it came: `changed` and nothing was made, or `stopped` on the way. */
export type RowsDone = 'done' | 'changed' | 'stopped'

/** To the microsecond, which is about what a number holds. */
function isTime(calls: CallsBelow, modified: number): boolean {
  return Math.abs(calls.seconds() * 1000 + calls.nanoseconds() / 1e6 - modified) < 0.001
}

/** undefined where it can't be done so. Everything is looked at before anything is made. */
export function placeRows(from: string, to: string, rows: Rows): RowsDone | undefined {
  const calls = callsBelow()
  if (calls === undefined) return undefined
  const { names } = rows
  const start = calls.addressOf(names)
  let source: number | undefined
  let target: number | undefined
  let at = 0
  /** Where the next name stands. */
  const next = (): number => {
    const name = start + at
    at = names.indexOf(0, at) + 1
    return name
  }
  try {
    source = fs.openSync(from, 'r')
    target = fs.openSync(to, 'r')
    for (let index = 0; index < rows.looks; index += 1) {
      const size = rows.facts[2 * index + 1]!
      const isSame =
        calls.look(source, next()) === (size === -1 ? 'directory' : 'file') &&
        (size === -1 || calls.size() === size) &&
        isTime(calls, rows.facts[2 * index]!)
      if (!isSame) return 'changed'
    }
    for (let index = 0; index < rows.standing; index += 1)
      if (calls.look(target, next()) !== 'directory') return 'changed'
    for (let index = 0; index < rows.directories; index += 1) if (!calls.makeDirectory(target, next())) return 'stopped'
    for (let index = 0; index < rows.links; index += 1)
      if (!calls.link(source, next(), target, next())) return 'stopped'
    return 'done'
  } catch {
    return 'changed'
  } finally {
    if (source !== undefined) fs.closeSync(source)
    if (target !== undefined) fs.closeSync(target)
  }
}
