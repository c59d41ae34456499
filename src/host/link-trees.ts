// Second names for the files of a whole tree, with as little beside the system's own calls as can be (calls-below.ts). Where these can't be
// had, and for whatever goes wrong here, there is the ordinary way.

import fs from 'node:fs'
import { callsBelow } from './calls-below.ts'

export interface TreeLinks {
  /**
   * Makes the directory and gives its files second names there, those that are files of this size and time. `done[i]` is 1 for each that
   * has got its name; why another one hasn't is for the ordinary way to find out. `as`: the directory's path there, where it is another.
   */
  place(
    directory: string,
    files: readonly (readonly [name: string, size: number, ...unknown[]])[],
    as?: string,
  ): Uint8Array
  close(): void
}

/** undefined where it can't be done so. `modified`: whole seconds, in milliseconds since 1970. */
export function linkTrees(from: string, to: string, modified: number): TreeLinks | undefined {
  const calls = callsBelow()
  if (calls === undefined) return undefined
  const seconds = modified / 1000
  const text = new TextEncoder()
  let source: number
  let target: number | undefined
  try {
    source = fs.openSync(from, 'r')
  } catch {
    return undefined
  }
  try {
    target = fs.openSync(to, 'r')
  } catch {
    fs.closeSync(source)
    return undefined
  }
  const into = target
  let bytes = new Uint8Array(2 ** 14)
  return {
    place(directory, files, as = directory) {
      const done = new Uint8Array(files.length)
      const below = (place: string): string => (place === '' ? '' : `${place}/`)
      const isElsewhere = as !== directory
      let names = as === '' ? '.\0' : `${as}\0`
      for (const [name] of files) {
        names += `${below(directory)}${name}\0`
        if (isElsewhere) names += `${below(as)}${name}\0`
      }
      // Kept for as long as addresses in it are in use: one view of it for each file would cost as much as the kernel does.
      if (names.length * 3 > bytes.length) bytes = new Uint8Array(names.length * 6)
      text.encodeInto(names, bytes)
      const start = calls.addressOf(bytes)
      if (as !== '') calls.makeDirectory(into, start)
      let at = bytes.indexOf(0) + 1
      for (let index = 0; index < files.length; index += 1) {
        const path = start + at
        at = bytes.indexOf(0, at) + 1
        const name = isElsewhere ? start + at : path
        if (isElsewhere) at = bytes.indexOf(0, at) + 1
        const isSound =
          calls.look(source, path) === 'file' &&
          calls.size() === files[index]![1] &&
          calls.seconds() === seconds &&
          calls.nanoseconds() === 0
        if (isSound && calls.link(source, path, into, name)) done[index] = 1
      }
      return done
    },
    close() {
      fs.closeSync(source)
      fs.closeSync(into)
    },
  }
}
