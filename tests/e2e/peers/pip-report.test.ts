// What programs read of an install, told by `den pip` and by pip about the same packages: --report, the lock file, the sentences about
// conflicts; and whether pip and uv take what den writes.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { servedWheel } from '../../kit/index-server.ts'
import { peerProgram, skipWithout } from '../../kit/oracle.ts'
import { type PipScene, pipScene } from '../../kit/pip-scene.ts'
import { writeTree } from '../../kit/scratch.ts'
import { wheelFilename } from '../../kit/wheel.ts'

const skip = skipWithout(['pip', 'uv'], 'agreement with pip and uv about what programs read of installs')

interface Told {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs beside the test's own index, which answers from this process. */
async function run(s: PipScene, command: string, args: readonly string[]): Promise<Told> {
  const env = {
    PATH: process.env['PATH'],
    HOME: s.root,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_INDEX_URL: s.index.url,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    UV_DEFAULT_INDEX: s.index.url,
    UV_CACHE_DIR: path.join(s.root, 'uv-cache'),
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
  }
  const child = spawn(command, args, { cwd: s.root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, stdout: out.join(''), stderr: err.join('') }
}

const pip = (s: PipScene, ...args: readonly string[]): Promise<Told> =>
  run(s, peerProgram('pip'), ['--python', s.executable, ...args])

interface Report {
  pip_version?: string
  readonly version: string
  readonly install: readonly { readonly metadata: { readonly name: string } }[]
  readonly environment: Readonly<Record<string, string>>
}

function comparable(text: string): Report {
  const report = JSON.parse(text) as Report
  delete report.pip_version
  const install = [...report.install].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return { ...report, install }
}

const backend = `
import base64, hashlib, os, zipfile
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name, info = "own-1.0-py3-none-any.whl", "own-1.0.dist-info/"
    files = {
        "own.py": "",
        info + "METADATA": "Metadata-Version: 2.1\\nName: own\\nVersion: 1.0\\nRequires-Dist: base\\n\\nAbout\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    rows = ["%s,sha256=%s,%d" % (n, digest(text), len(text)) for n, text in files.items()]
    files[info + "RECORD"] = "\\n".join(rows + [info + "RECORD,,", ""])
    with zipfile.ZipFile(os.path.join(directory, name), "w") as z:
        for n, text in files.items():
            z.writestr(n, text)
    return name
build_editable = build_wheel
`
const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
const ownTree = { 'own/pyproject.toml': project, 'own/backend.py': backend }

function repository(s: PipScene): string {
  const directory = path.join(s.root, 'repository')
  writeTree(directory, { 'pyproject.toml': project, 'backend.py': backend })
  const settings = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main']
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-qm', 'first'],
  ])
    assert.equal(spawnSync('git', ['-C', directory, ...settings, ...args]).status, 0)
  return `own @ git+file://${directory}@main`
}

test('--report tells what pip’s tells', { skip }, async (t) => {
  const s = await pipScene(t, { tree: ownTree })
  if (s === undefined) return
  s.index.add(servedWheel({ name: 'yanked', version: '1.0' }, { yanked: 'broken' }))
  s.index.add(servedWheel({ name: 'Odd.Name', version: '1.0', requires: ['BASE>=1.0'] }))
  const wheel = `${s.index.origin}/files/${wheelFilename({ name: 'base', version: '2.0' })}`
  const { hashes } = await (async () => {
    const told = await pip(s, 'install', '-q', '--dry-run', '-I', '--report', '-', 'base==2.0')
    return JSON.parse(told.stdout).install[0].download_info.archive_info as { hashes: { sha256: string } }
  })()
  const cases: readonly (readonly string[])[] = [
    ['app'],
    ['app[more]==1.0', 'base<2'],
    ['--pre', 'app'],
    ['--no-deps', 'app'],
    ['yanked==1.0'],
    ['Odd_name'],
    [wheel],
    [`base @ ${wheel}#sha256=${hashes.sha256}`],
    ['./own'],
    ['-e', './own'],
    [repository(s)],
  ]
  for (const words of cases) {
    const args = ['install', '-q', '--dry-run', '--ignore-installed', '--report', '-', ...words]
    const theirs = await pip(s, ...args)
    assert.equal(theirs.code, 0, theirs.stderr)
    const mine = await s.pip(...args)
    assert.equal(mine.code, 0, mine.stderr)
    assert.deepEqual(comparable(mine.stdout), comparable(theirs.stdout), words.join(' '))
  }
})

/** TOML as data, read by Python's own parser. */
function readToml(file: string): { packages: readonly Record<string, unknown>[] } & Record<string, unknown> {
  const code = 'import tomllib, json, sys; print(json.dumps(tomllib.load(open(sys.argv[1], "rb")), default=str))'
  const ran = spawnSync(peerProgram('python'), ['-c', code, file], { encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stderr)
  return JSON.parse(ran.stdout)
}

/** What pip does not write: sizes and times. */
function asPip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asPip)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'size' && key !== 'upload-time' && key !== 'created-by')
      .map(([key, one]) => [key, asPip(one)]),
  )
}

test('pip lock writes what pip writes, and pip and uv install it', { skip }, async (t) => {
  const s = await pipScene(t, { tree: ownTree })
  if (s === undefined) return
  for (const words of [['app[more]'], ['app==1.0', 'base<2'], ['-e', './own'], ['./own'], [repository(s)]]) {
    const theirs = await pip(s, 'lock', '-o', 'pylock.pip.toml', ...words)
    assert.equal(theirs.code, 0, theirs.stderr)
    await s.done('lock', '-o', 'pylock.den.toml', ...words)
    const mine = readToml(path.join(s.root, 'pylock.den.toml'))
    const pips = readToml(path.join(s.root, 'pylock.pip.toml'))
    assert.deepEqual(asPip(mine), asPip(pips), words.join(' '))
  }
  await s.done('lock', 'app[more]')
  const installed = await pip(s, 'install', '-r', 'pylock.toml')
  assert.equal(installed.code, 0, installed.stderr)
  assert.equal(await s.list(), 'app==2.0 base==2.0 extra-thing==1.0')
  await s.done('uninstall', '-y', 'app', 'base', 'extra-thing')
  const synced = await run(s, peerProgram('uv'), ['pip', 'sync', '--preview', '--python', s.executable, 'pylock.toml'])
  assert.equal(synced.code, 0, synced.stderr)
  assert.equal(await s.list(), 'app==2.0 base==2.0 extra-thing==1.0')
})

test('pip and uv take what pip compile writes, hashes and all', { skip }, async (t) => {
  const s = await pipScene(t, { tree: { 'requirements.in': 'app[more]<2\n' } })
  if (s === undefined) return
  await s.done('compile', '--generate-hashes', 'requirements.in', '-o', 'requirements.txt')
  const installed = await pip(s, 'install', '--require-hashes', '-r', 'requirements.txt')
  assert.equal(installed.code, 0, installed.stderr)
  assert.equal(await s.list(), 'app==1.0 base==2.0 extra-thing==1.0')
  const uv = await run(s, peerProgram('uv'), [
    'pip',
    'sync',
    '--require-hashes',
    '--python',
    s.executable,
    'requirements.txt',
  ])
  assert.equal(uv.code, 0, uv.stderr)
  assert.match(uv.stderr, /Would make no changes|Checked 3 packages|Audited 3 packages/)
  // The same pins by uv's own hand.
  const theirs = await run(s, peerProgram('uv'), [
    'pip',
    'compile',
    '--python',
    s.executable,
    '--no-header',
    'requirements.in',
  ])
  assert.equal(theirs.code, 0, theirs.stderr)
  assert.equal(await s.done('compile', '--no-header', 'requirements.in'), theirs.stdout)
})

test('what a change breaks is told in pip’s sentences', { skip }, async (t) => {
  const s = await pipScene(t)
  if (s === undefined) return
  const sentences = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => / requires /.test(line))
      .sort()
  const lay = async (): Promise<void> => {
    await s.done('install', '--no-deps', '--force-reinstall', '--no-warn-conflicts', 'clash', 'base==1.0')
  }
  for (const words of [['base==2.0'], ['--no-deps', 'app==2.0'], ['--no-deps', '-U', 'base']]) {
    await lay()
    const theirs = await pip(s, 'install', ...words)
    await s.done('uninstall', '-y', 'app')
    await lay()
    const mine = await s.pip('install', ...words)
    await s.done('uninstall', '-y', 'app')
    assert.equal(mine.code, theirs.code)
    assert.deepEqual(sentences(mine.stderr), sentences(theirs.stderr), words.join(' '))
    assert.equal(sentences(mine.stderr).length, words.includes('--no-deps') ? 0 : 1, mine.stderr)
  }
})
