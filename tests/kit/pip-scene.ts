// What tests of `den pip` work in: a directory with an environment of a real Python, and an index with a few packages.

import assert from 'node:assert/strict'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { type DenRun, den, runProgram } from './den.ts'
import { type ServedFile, type ServedIndex, servedWheel, serveIndex } from './index-server.ts'
import { pythonOr } from './pythons.ts'
import { scratch, type Tree } from './scratch.ts'
import type { WheelInput } from './wheel.ts'

export interface PipScene {
  readonly root: string
  readonly index: ServedIndex
  readonly site: string
  /** The environment's Python. */
  readonly executable: string
  pip(...args: readonly string[]): Promise<DenRun>
  /** `pip` that must succeed; its stdout. */
  done(...args: readonly string[]): Promise<string>
  /** `pip` that must end with 1; its stderr. */
  refused(...args: readonly string[]): Promise<string>
  den(...args: readonly string[]): Promise<DenRun>
  python(code: string): Promise<string>
  /** "app==1.0 base==2.0" */
  list(): Promise<string>
}

export interface PipSceneOptions {
  /** A version line of Python. */
  readonly line?: string
  readonly tree?: Tree
  readonly env?: Readonly<Record<string, string>>
  /** In place of the usual ones. */
  readonly files?: readonly ServedFile[]
}

/** Needs a base; 1.0 and 2.0. */
export const appWheel = (version: string, more: Partial<WheelInput> = {}): WheelInput => ({
  name: 'app',
  version,
  files: { 'app/__init__.py': `version = '${version}'\n`, 'app/cli.py': `def main(): print('app ${version}')\n` },
  scripts: { app: 'app.cli:main' },
  metadata: [
    `Metadata-Version: 2.1\nName: app\nVersion: ${more.version ?? version}`,
    ...(more.requires ?? [`base>=${version}`, 'extra-thing ; extra == "more"']).map((one) => `Requires-Dist: ${one}`),
    'Provides-Extra: more\n',
  ].join('\n'),
  ...more,
})

export const baseWheel = (version: string): WheelInput => ({
  name: 'base',
  version,
  files: { 'base.py': `version = '${version}'\n` },
})

const usualFiles = (): readonly ServedFile[] => [
  servedWheel(appWheel('1.0'), { uploadTime: '2024-01-01T00:00:00Z' }),
  servedWheel(appWheel('2.0'), { uploadTime: '2025-01-01T00:00:00Z' }),
  servedWheel(appWheel('3.0rc1', { requires: [] }), { uploadTime: '2026-01-01T00:00:00Z' }),
  servedWheel(baseWheel('1.0'), { uploadTime: '2024-01-01T00:00:00Z' }),
  servedWheel(baseWheel('2.0'), { uploadTime: '2025-01-01T00:00:00Z' }),
  servedWheel({ name: 'extra-thing', version: '1.0', files: { 'extra_thing.py': '' } }),
  servedWheel({ name: 'clash', version: '1.0', requires: ['base<2'] }),
]

/** Makes it; undefined, the test skipped, where that Python is missing. */
export async function pipScene(t: TestContext, options: PipSceneOptions = {}): Promise<PipScene | undefined> {
  const { line = '3.12', tree = {}, files = usualFiles() } = options
  const real = pythonOr(t, line)
  if (real === undefined) return undefined
  const root = scratch(t, tree)
  const index = await serveIndex(t, files)
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', ...options.env }
  const made = await den(['create', '-p', real.executable, '--seed', 'none', '.venv'], { cwd: root })
  assert.equal(made.code, 0, made.stderr)
  const executable = path.join(root, '.venv', 'bin', 'python')
  const run = (...args: readonly string[]): Promise<DenRun> => den(args, { cwd: root, env })
  const pip = (...args: readonly string[]): Promise<DenRun> => run('pip', ...args)
  const done = async (...args: readonly string[]): Promise<string> => {
    const ran = await pip(...args)
    assert.equal(ran.code, 0, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`)
    return ran.stdout
  }
  return {
    root,
    index,
    site: path.join(root, '.venv/lib', `python${line}`, 'site-packages'),
    executable,
    pip,
    done,
    refused: async (...args) => {
      const ran = await pip(...args)
      assert.equal(ran.code, 1, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`)
      return ran.stderr
    },
    den: run,
    python: async (code) => {
      const ran = await runProgram(executable, ['-c', code], { cwd: root })
      assert.equal(ran.code, 0, ran.stderr)
      return ran.stdout.trim()
    },
    list: async () => (await done('list', '--format', 'freeze')).trim().split('\n').filter(Boolean).join(' '),
  }
}
