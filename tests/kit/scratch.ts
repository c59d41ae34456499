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
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'den-test-')))
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
