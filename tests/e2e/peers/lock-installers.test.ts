// Every lock that den writes is for plain installers too: pip and uv install from it what den would, extras, groups, markers and two
// versions of one project included. DEN_PEERS names a virtual environment with pip 26 and uv.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { defaultHost } from '../../../src/host/default-host.ts'
import { lockFilename, parseLock } from '../../../src/project/lock-read.ts'
import { type LockChoice, selectLocked } from '../../../src/project/lock-select.ts'
import { lockOf, lockText } from '../../../src/project/lock-write.ts'
import { readManifest } from '../../../src/project/read-manifest.ts'
import type { MarkerEnvironment } from '../../../src/spec/marker.ts'
import { rankTags } from '../../../src/spec/tag.ts'
import { den, runProgram } from '../../kit/den.ts'
import { servedWheel, serveIndex } from '../../kit/index-server.ts'
import { indexFile, type WrittenPackage, writtenAnswer } from '../../kit/lock-answer.ts'
import { peerProgram, skipWithout } from '../../kit/oracle.ts'
import { pythonOr } from '../../kit/pythons.ts'
import { scratch } from '../../kit/scratch.ts'

const skip = skipWithout(['pip', 'uv'], 'that pip and uv install from locks')

const backend = `import base64, hashlib, os, zipfile
def _wheel(directory, name, files):
    rows = []
    with zipfile.ZipFile(os.path.join(directory, name), 'w') as z:
        info = '-'.join(name.split('-')[:2]) + '.dist-info/'
        files = dict(files)
        project, version = name.split('-')[:2]
        files[info + 'METADATA'] = 'Metadata-Version: 2.1\\nName: ' + project + '\\nVersion: ' + version + '\\n'
        files[info + 'WHEEL'] = 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'
        for path, text in files.items():
            z.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()
            rows.append('%s,sha256=%s,%d' % (path, digest, len(text)))
        z.writestr(info + 'RECORD', '\\n'.join(rows + [info + 'RECORD,,']) + '\\n')
    return name
def build_wheel(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory, NAME + '-1.0-py3-none-any.whl', {NAME + '.py': 'x = 1\\n'})
def build_editable(directory, config_settings=None, metadata_directory=None):
    return _wheel(directory, NAME + '-1.0-py3-none-any.whl', {NAME + '.pth': os.getcwd() + '\\n'})
`
const buildSystem = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'

const project = `[project]
name = "app"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["web[fast]>=2", "old; python_version < '3.11'", "split", "lib"]
[project.optional-dependencies]
plot = ["draw>=1"]
[dependency-groups]
dev = ["check"]
docs = ["book"]
[tool.den.sources]
lib = { path = "lib" }
${buildSystem}`

const universe: readonly WrittenPackage[] = [
  { name: 'web', version: '2.1', extras: ['fast'], requires: ['base>=1,<3', 'quick; extra == "fast"'] },
  { name: 'base', version: '2.0+local.1', requires: ['win; sys_platform == "win32"'], requiresPython: '>=3.8' },
  { name: 'win', version: '1', marker: 'sys_platform == "win32"' },
  { name: 'quick', version: '1.5rc1' },
  { name: 'old', version: '0.9', marker: 'python_version < "3.11"' },
  { name: 'split', version: '1.0', marker: 'python_version < "3.12"' },
  { name: 'split', version: '2.0', marker: 'python_version >= "3.12"', requires: ['base'] },
  { name: 'draw', version: '1.1', marker: '"plot" in extras', requires: ['base'] },
  { name: 'check', version: '8.0', marker: '"dev" in dependency_groups', requires: ['web'] },
  { name: 'book', version: '4.0', marker: '"dev" in dependency_groups or "docs" in dependency_groups' },
]

const ofPython = (version: string): MarkerEnvironment => ({
  implementation_name: 'cpython',
  implementation_version: version,
  os_name: 'posix',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1',
  platform_system: 'Linux',
  platform_version: '1',
  python_full_version: version,
  python_version: version.split('.').slice(0, 2).join('.'),
  sys_platform: 'linux',
})

async function lockedProject(t: TestContext, hasPath: boolean): Promise<string> {
  const root = scratch(t, {
    'pyproject.toml': hasPath ? project : project.replace(', "lib"', ''),
    'backend.py': `NAME = 'app'\n${backend}`,
    'lib/pyproject.toml': `[project]\nname = "lib"\nversion = "1.0"\n${buildSystem}`,
    'lib/backend.py': `NAME = 'lib'\n${backend}`,
  })
  const files = universe.map((one) =>
    servedWheel({ name: one.name, version: one.version, requires: one.requires ?? [] }),
  )
  const index = await serveIndex(t, files)
  const manifest = readManifest(defaultHost(), path.join(root, 'pyproject.toml'))
  const written = universe.map((one, at): WrittenPackage => {
    const { filename, bytes } = files[at]!
    const wheel = indexFile(filename, {
      url: `${index.origin}/files/${encodeURIComponent(filename)}`,
      hashes: { sha256: createHash('sha256').update(bytes).digest('hex') },
      size: bytes.length,
      foundAt: index.url,
    })
    return { ...one, files: [wheel] }
  })
  const lib: WrittenPackage = {
    name: 'lib',
    version: '1.0',
    link: { directUrl: { url: `file://${root}/lib`, dir_info: {} }, editable: false },
  }
  const result = writtenAnswer(manifest, hasPath ? [...written, lib] : written)
  fs.writeFileSync(path.join(root, lockFilename), lockText(lockOf({ manifest, result, path })))
  return root
}

/** Names and versions, as their directories tell. */
function installedIn(environment: string): string {
  const library = path.join(environment, 'lib')
  const site = path.join(library, fs.readdirSync(library)[0]!, 'site-packages')
  return fs
    .readdirSync(site)
    .filter((name) => name.endsWith('.dist-info'))
    .map((name) => name.slice(0, -'.dist-info'.length).replaceAll('_', '-'))
    .sort()
    .join(' ')
}

const choices: readonly LockChoice[] = [
  {},
  { extras: ['plot'] },
  { groups: ['dev'] },
  { extras: ['plot'], groups: ['dev', 'docs'] },
]

for (const line of ['3.10', '3.13']) {
  const title = `pip and uv install from a lock what den would, for Python ${line}`
  for (const hasPath of [false, true])
    test(hasPath ? `${title}, a directory too` : title, { skip, timeout: 120_000 }, async (t) => {
      const python = pythonOr(t, line)
      if (python === undefined) return
      const root = await lockedProject(t, hasPath)
      const file = path.join(root, lockFilename)
      const lock = parseLock(fs.readFileSync(file, 'utf8'), file)
      assert.equal(lock.written, 'den')
      for (const [at, choice] of (hasPath ? choices.slice(-1) : choices).entries()) {
        const { extras = [], groups = [] } = choice
        const expected = selectLocked(lock, {
          ...choice,
          noProject: true,
          markers: ofPython(python.version),
          ranks: rankTags(['py3-none-any']),
        })
          .map(({ package: one }) => `${one.name}-${one.version?.text ?? '1.0'}`)
          .sort()
          .join(' ')
        const environments = ['pip', 'uv', 'den'].map((name) => path.join(root, `${name}-${at}`))
        const made = await den(['create', '-p', python.executable, '--seed', 'none', ...environments], { cwd: root })
        assert.equal(made.code, 0, made.stderr)
        const [ofPip, ofUv, ofDen] = environments as [string, string, string]
        const extrasOf = [...extras].length > 0 ? `[${[...extras].join(',')}]` : ''
        const pipWords = [
          '-r',
          `pylock.toml${extrasOf}`,
          ...[...groups].flatMap((group) => ['--group', `pylock.toml:${group}`]),
        ]
        // A directory has no hash, and pip asks for one of each where there is one of any.
        if (hasPath) pipWords.push('--no-require-hashes')
        const run = async (program: string, words: readonly string[]): Promise<void> => {
          const done = await runProgram(program, words, {
            cwd: root,
            env: { PIP_CONFIG_FILE: '/dev/null', PIP_NO_INDEX: '1' },
          })
          assert.equal(done.code, 0, `${program} ${words.join(' ')}\n${done.stdout}\n${done.stderr}`)
        }
        await run(peerProgram('pip'), ['--python', path.join(ofPip, 'bin', 'python'), 'install', ...pipWords])
        assert.equal(installedIn(ofPip), expected, 'pip')
        await run(peerProgram('uv'), [
          'pip',
          'sync',
          '--preview',
          '--python',
          path.join(ofUv, 'bin', 'python'),
          'pylock.toml',
          ...[...extras].flatMap((extra) => ['--extra', extra]),
          ...[...groups].flatMap((group) => ['--group', group]),
        ])
        assert.equal(installedIn(ofUv), expected, 'uv')
        const own = await den(['pip', '--python', ofDen, 'install', ...pipWords], {
          cwd: root,
          env: { PIP_NO_INDEX: '1' },
        })
        assert.equal(own.code, 0, own.stderr)
        assert.equal(installedIn(ofDen), expected, 'den')
      }
    })
}
