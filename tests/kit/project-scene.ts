// What tests of projects and scripts work in: a directory with a pyproject.toml, an index with a few packages, a backend that needs none.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { type DenRun, den, runProgram } from './den.ts'
import { type ServedFile, type ServedIndex, servedWheel, serveIndex } from './index-server.ts'
import { pythonOr } from './pythons.ts'
import { scratch, type Tree, writeTree } from './scratch.ts'

export interface ProjectScene {
  readonly root: string
  readonly index: ServedIndex
  readonly env: Readonly<Record<string, string | undefined>>
  /** The executable of the Python that is asked for where nothing else is. */
  readonly python: string
  readonly site: string
  den(...args: readonly string[]): Promise<DenRun>
  /** `den` that must succeed. */
  done(...args: readonly string[]): Promise<DenRun>
  /** `den` that must end with 1; its stderr. */
  refused(...args: readonly string[]): Promise<string>
  write(tree: Tree): void
  /** "app==1.0 base==2.0": what the environment's own site-packages has. */
  installed(root?: string): string
  /** The environment's Python. */
  inside(code: string): Promise<string>
}

export const projectFiles = (): readonly ServedFile[] => [
  ...['1.0', '2.0'].flatMap((version) => [
    servedWheel({
      name: 'app',
      version,
      requires: [`base>=${version}`],
      files: { 'app/__init__.py': `version = '${version}'\ndef main(): print('app ${version}')\n` },
      scripts: { app: 'app:main' },
    }),
    servedWheel({ name: 'base', version, files: { 'base.py': `version = '${version}'\n` } }),
  ]),
  servedWheel({ name: 'tls', version: '1.0', files: { 'tls.py': '' } }),
  servedWheel({ name: 'tester', version: '1.0', files: { 'tester.py': '' } }),
  servedWheel({ name: 'docs', version: '1.0', files: { 'docs.py': '' } }),
]

/** A project that is a package, built by a few lines of its own. */
export const packageTree = (pyproject: string): Tree => ({
  'pyproject.toml': `${pyproject}
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
`,
  'shop/__init__.py': 'where = __file__\n',
  'backend.py': `
import base64, hashlib, os, zipfile

def _wheel(directory, files):
    version = "0.1"
    name = f"shop-{version}-py3-none-any.whl"
    info = f"shop-{version}.dist-info/"
    files = {
        **files,
        info + "METADATA": f"Metadata-Version: 2.1\\nName: shop\\nVersion: {version}\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = info + "RECORD,,\\n"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\\n" % (path, digest, len(text))
            wheel.writestr(path, text)
        wheel.writestr(info + "RECORD", record)
    with open("builds.log", "a") as log:
        log.write("built\\n")
    return name

def build_editable(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory, {"shop.pth": os.getcwd() + "\\n"})

def build_wheel(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory, {"shop/__init__.py": open("shop/__init__.py").read()})
`,
})

export const pyproject = (dependencies: readonly string[] = ['app']): string => `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
dependencies = ${JSON.stringify(dependencies)}
[project.optional-dependencies]
tls = ["tls"]
[dependency-groups]
dev = ["tester"]
docs = ["docs"]
`

/** Makes it; undefined, the test skipped, where that Python is missing. */
export async function projectScene(
  t: TestContext,
  options: { readonly line?: string; readonly tree?: Tree; readonly files?: readonly ServedFile[] } = {},
): Promise<ProjectScene | undefined> {
  const { line = '3.12', tree = packageTree(pyproject()), files = projectFiles() } = options
  const real = pythonOr(t, line)
  if (real === undefined) return undefined
  const root = scratch(t, tree)
  const index = await serveIndex(t, files, { cacheControl: 'max-age=600' })
  const env = {
    DEN_INDEX_URL: index.url,
    PIP_INDEX_URL: index.url,
    PIP_CONFIG_FILE: '/dev/null',
    DEN_PYTHON: real.executable,
  }
  const run = (...args: readonly string[]): Promise<DenRun> => den(args, { cwd: root, env })
  const site = path.join(root, '.venv/lib', `python${line}`, 'site-packages')
  return {
    root,
    index,
    env,
    python: real.executable,
    site,
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
    write: (changes) => writeTree(root, changes),
    installed: (place = site) =>
      fs
        .readdirSync(place)
        .flatMap((name) => {
          const [, project, version] = /^([^-]+)-(.+)\.dist-info$/.exec(name) ?? []
          return project === undefined || project === 'pip' ? [] : [`${project}==${version}`]
        })
        .sort()
        .join(' '),
    inside: async (code) => {
      const ran = await runProgram(path.join(root, '.venv/bin/python'), ['-P', '-c', code], { cwd: root })
      assert.equal(ran.code, 0, ran.stderr)
      return ran.stdout.trim()
    },
  }
}
