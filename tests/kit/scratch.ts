// A folder of the test's own, removed when the test ends.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** What a test hands over so that things are cleaned up with it: node:test's context, or a part of it. */
export interface Cleanup {
  after(done: () => void | Promise<void>): void
}

/** Files by relative path: text, or undefined for an empty directory. */
export type Tree = Readonly<Record<string, string | Uint8Array | undefined>>

/** Makes an empty folder (its real path, under the system's temporary directory) holding `tree`. */
export function scratch(t: Cleanup, tree: Tree = {}): string {
  return folderUnder(os.tmpdir(), t, tree)
}

const memory = '/dev/shm'

/**
 * The same in memory, where the system has room there: for loops that make and remove the same thing hundreds of times. Disks take their
 * time with what was written down, and with directories in the place of ones that have just gone.
 */
export function quickScratch(t: Cleanup, tree: Tree = {}): string {
  try {
    const { bavail, bsize } = fs.statfsSync(memory)
    if (process.platform === 'linux' && bavail * bsize > 2 ** 30) return folderUnder(memory, t, tree)
  } catch {
    // No memory to be had as a directory.
  }
  return scratch(t, tree)
}

function folderUnder(place: string, t: Cleanup, tree: Tree): string {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(place, 'den-test-')))
  t.after(() => {
    // The home that kit/den.ts makes lies beside.
    const home = path.join(path.dirname(root), `.home-of-${path.basename(root)}`)
    for (const folder of [root, home]) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  writeTree(root, tree)
  return root
}

/** Writes `tree` under `root`, making parents. */
export function writeTree(root: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const file = path.join(root, name)
    if (content === undefined) {
      fs.mkdirSync(file, { recursive: true })
      continue
    }
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, content)
  }
}
