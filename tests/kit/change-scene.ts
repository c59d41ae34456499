// What tests of the project commands work in: a directory with a pyproject.toml, a real Python, and an index with a few packages.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { type DenRun, den } from './den.ts'
import { type ServedFile, type ServedIndex, servedWheel, serveIndex } from './index-server.ts'
import { pythonOr } from './pythons.ts'
import { scratch, type Tree } from './scratch.ts'
import type { WheelInput } from './wheel.ts'

export interface ProjectScene {
  readonly root: string
  readonly index: ServedIndex
  readonly env: Readonly<Record<string, string>>
  den(...args: readonly string[]): Promise<DenRun>
  /** `den` that must succeed. */
  done(...args: readonly string[]): Promise<DenRun>
  /** `den` that must end with 1; its stderr. */
  refused(...args: readonly string[]): Promise<string>
  read(name: string): string
  write(name: string, text: string): void
  /** "app==2.0 base==2.0", as the lock has it. */
  locked(): string
  /** The same of the environment. */
  installed(): string
}

export interface ProjectSceneOptions {
  readonly pyproject?: string
  readonly tree?: Tree
  readonly files?: readonly ServedFile[]
  readonly env?: Readonly<Record<string, string>>
}

export const plainProject = `[project]
name = "mine"
version = "0.1"
requires-python = ">=3.10"
# what it takes
dependencies = [
  "base>=1",  # the base of it
]
`

function wheel(name: string, version: string, more: Partial<WheelInput> = {}): ServedFile {
  const module = name.replaceAll('-', '_')
  return servedWheel({ name, version, files: { [`${module}.py`]: `version = '${version}'\n` }, ...more })
}

/** app needs base of its own version; old is only for old Pythons; clash needs an old base; tool has an extra. */
export function projectWheels(): readonly ServedFile[] {
  return [
    wheel('app', '1.0', { requires: ['base>=1.0'] }),
    wheel('app', '1.5.2', { requires: ['base>=1.0'] }),
    wheel('app', '2.0', { requires: ['base>=2.0'] }),
    wheel('app', '3.0rc1', { requires: ['base>=2.0'] }),
    wheel('base', '1.0'),
    wheel('base', '1.4'),
    wheel('base', '2.0'),
    wheel('clash', '1.0', { requires: ['base<2'] }),
    wheel('tool', '1.0', {
      metadata:
        'Metadata-Version: 2.1\nName: tool\nVersion: 1.0\nRequires-Dist: extra-thing; extra == "more"\nRequires-Dist: winlib; sys_platform == "win32"\nProvides-Extra: more\n',
    }),
    wheel('extra-thing', '1.0'),
    wheel('winlib', '1.0'),
  ]
}

/** Makes it; undefined, the test skipped, where that Python is missing. */
export async function projectScene(
  t: TestContext,
  options: ProjectSceneOptions = {},
): Promise<ProjectScene | undefined> {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return undefined
  const { pyproject = plainProject, tree = {}, files = projectWheels() } = options
  const root = path.join(scratch(t, { 'project/pyproject.toml': pyproject, ...tree }), 'project')
  const index = await serveIndex(t, files)
  const env = { DEN_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', DEN_PYTHON: python.executable, ...options.env }
  const run = (...args: readonly string[]): Promise<DenRun> => den(args, { cwd: root, env })
  const read = (name: string): string => fs.readFileSync(path.join(root, name), 'utf8')
  return {
    root,
    index,
    env,
    den: run,
    done: async (...args) => {
      const ran = await run(...args)
      assert.equal(ran.code, 0, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`)
      return ran
    },
    refused: async (...args) => {
      const ran = await run(...args)
      assert.equal(ran.code, 1, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}`)
      return ran.stderr
    },
    read,
    write: (name, text) => fs.writeFileSync(path.join(root, name), text),
    locked: () => lockedPins(read('pylock.toml')),
    installed: () => {
      const site = path.join(root, '.venv/lib/python3.12/site-packages')
      return fs
        .readdirSync(site)
        .flatMap((name) => /^(.+)-(.+)\.dist-info$/.exec(name)?.slice(1, 3).join('==') ?? [])
        .filter((pin) => !pin.startsWith('pip=='))
        .sort()
        .join(' ')
    },
  }
}

/** "app==2.0 base==2.0", as a lock's text has it. */
export function lockedPins(text: string): string {
  const pins = text.matchAll(/^\[\[packages\]\]\nname = "(.+)"\nversion = "(.+)"$/gm)
  return [...pins].map(([, name, version]) => `${name}==${version}`).join(' ')
}
