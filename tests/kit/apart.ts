// A project in a folder that holds all that den may touch besides: its home, its store and its caches. What is left behind can be seen there.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type DenRun, den } from './den.ts'
import { newestPython } from './pythons.ts'
import { type Cleanup, scratch, type Tree } from './scratch.ts'

export interface Apart {
  readonly root: string
  /** Where commands are run: `project` in the root. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Made, and empty. */
  readonly environment: string
  readonly site: string
  run(...args: readonly string[]): Promise<DenRun>
}

/** Writes the tree under the root and makes the environment, of the newest Python 3.12 (skipWithoutPython). */
export async function layApart(
  t: Cleanup,
  { tree = {}, env: more = () => ({}) }: { tree?: Tree; env?: (root: string) => Readonly<Record<string, string>> } = {},
): Promise<Apart> {
  const line = '3.12'
  const root = scratch(t, tree)
  const cwd = path.join(root, 'project')
  fs.mkdirSync(cwd, { recursive: true })
  const env = {
    HOME: path.join(root, 'home'),
    DEN_HOME: path.join(root, 'data'),
    DEN_CACHE_DIR: path.join(root, 'cache'),
    PIP_CONFIG_FILE: '/dev/null',
    ...more(root),
  }
  const run = (...args: readonly string[]): Promise<DenRun> => den(args, { cwd, env })
  const made = await run('create', '-p', newestPython(line)!.executable, '--seed', 'none', '.venv')
  assert.equal(made.code, 0, made.stderr)
  const environment = path.join(cwd, '.venv')
  return { root, cwd, env, environment, site: path.join(environment, 'lib', `python${line}`, 'site-packages'), run }
}
