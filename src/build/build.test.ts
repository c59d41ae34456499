import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { pythonOr } from '../../tests/kit/pythons.ts'
import { type Tree, writeTree } from '../../tests/kit/scratch.ts'
import { diagnose, isDenError } from '../base/error.ts'
import { bytesSource, parseZip } from '../format/zip.ts'
import { type BuildRequest, type BuiltWheel, openBuild } from './build.ts'
import { buildVariables } from './confine.ts'

async function buildWheel(context: Den, request: BuildRequest): Promise<BuiltWheel> {
  const build = await openBuild(context, request)
  try {
    return await build.wheel()
  } finally {
    build.close()
  }
}

async function prepareMetadata(context: Den, request: BuildRequest): Promise<string | undefined> {
  const build = await openBuild(context, request)
  try {
    return await build.metadata()
  } finally {
    build.close()
  }
}

/** A backend in the tree itself: builds need nothing from an index. */
const backend = `
import io, json, os, sys, zipfile

def _zip(directory, body):
    name = "thing-1.0-py2.py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as file:
        file.writestr("thing.py", body)
    return name

def get_requires_for_build_wheel(config_settings=None):
    return ["helper >= 2"] if (config_settings or {}).get("more") else []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print("building", config_settings)
    sys.stdout.flush()
    sys.stderr.write("a warning\\n")
    names = ("HOME", "TMPDIR", "SECRET_TOKEN", "PIP_INDEX_URL", "VIRTUAL_ENV", "CC")
    return _zip(wheel_directory, json.dumps({"env": dict((n, os.environ.get(n)) for n in names), "cwd": os.getcwd(), "settings": config_settings}))

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    os.mkdir(os.path.join(metadata_directory, "thing-1.0.dist-info"))
    with io.open(os.path.join(metadata_directory, "thing-1.0.dist-info", "METADATA"), "w") as file:
        file.write(u"Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n")
    return "thing-1.0.dist-info"
`

const project = '[build-system]\nrequires = ["a"]\nbuild-backend = "own"\nbackend-path = ["back"]\n'

function setup(
  t: TestContext,
  python: string,
  tree: Tree,
  changes: Partial<BuildRequest> = {},
): { context: Den; request: BuildRequest; extended: string[][]; disposed: () => number } {
  const context = testContext(t, {
    env: { SECRET_TOKEN: 'hush', PIP_INDEX_URL: 'http://user:pass@localhost/', CC: 'cc' },
  })
  writeTree(context.root, Object.fromEntries(Object.entries(tree).map(([name, text]) => [`tree/${name}`, text])))
  fs.mkdirSync(path.join(context.root, 'work'))
  const extended: string[][] = []
  let disposed = 0
  const request: BuildRequest = {
    directory: path.join(context.root, 'tree'),
    label: 'thing 1.0',
    work: path.join(context.root, 'work'),
    provision: async (requirements) => {
      extended.push([...requirements])
      return {
        python,
        scripts: path.dirname(python),
        extend: async (more) => void extended.push([...more]),
        dispose: () => {
          disposed += 1
        },
      }
    },
    ...changes,
  }
  return { context, request, extended, disposed: () => disposed }
}

function moduleOf(wheel: string): Record<string, unknown> {
  const bytes = fs.readFileSync(wheel)
  const [entry] = parseZip(bytesSource(bytes), { file: wheel })
  return JSON.parse(bytes.subarray(entry!.offset, entry!.offset + entry!.size).toString())
}

for (const line of ['2.7', '3.13']) {
  test(`buildWheel() calls a backend of the source tree, Python ${line}`, async (t) => {
    const python = pythonOr(t, line)
    if (python === undefined) return
    const { context, request, extended, disposed } = setup(
      t,
      python.executable,
      { 'pyproject.toml': project, 'back/own.py': backend },
      { configSettings: { more: 'yes', list: ['a', 'b'] } },
    )
    const built = await buildWheel(context, request)
    assert.equal(built.parsed.name, 'thing')
    const { env, cwd, settings } = moduleOf(built.path) as {
      env: Record<string, string | null>
      cwd: string
      settings: unknown
    }
    assert.deepEqual(settings, { more: 'yes', list: ['a', 'b'] })
    assert.equal(cwd, request.directory)
    assert.deepEqual(
      { ...env, HOME: path.relative(request.work, env['HOME']!), TMPDIR: path.relative(request.work, env['TMPDIR']!) },
      { HOME: 'home', TMPDIR: 'tmp', SECRET_TOKEN: null, PIP_INDEX_URL: null, VIRTUAL_ENV: null, CC: 'cc' },
    )
    assert.deepEqual(extended, [['a'], ['helper >= 2']])
    assert.equal(disposed(), 1)
    const lines = context.events.flatMap((event) => (event.kind === 'build.output' ? [event.line] : []))
    assert.ok(lines.some((one) => one.includes('building')) && lines.includes('a warning'), lines.join('\n'))
  })
}

test('prepareMetadata() gives the text, and undefined where the backend has no such hook', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const one = setup(t, python.executable, { 'pyproject.toml': project, 'back/own.py': backend })
  assert.match((await prepareMetadata(one.context, one.request))!, /Name: thing/)
  const two = setup(t, python.executable, { 'pyproject.toml': project, 'back/own.py': 'build_wheel = None\n' })
  assert.equal(await prepareMetadata(two.context, two.request), undefined)
})

test('a failing backend is told live and kept in the error; what it leaves running is killed', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const mark = `den-test-${process.pid}`
  const { context, request } = setup(t, python.executable, {
    'pyproject.toml': project,
    'back/own.py': `
import subprocess, sys
def build_wheel(*given, **named):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "${mark}"])
    sys.exit("compiler not found")
`,
  })
  const started = performance.now()
  await assert.rejects(buildWheel(context, request), (error) => {
    assert.ok(isDenError(error, 'build-failed'), String(error))
    assert.ok(error.detail.said.includes('compiler not found'))
    return true
  })
  assert.ok(performance.now() - started < 20_000)
  const running = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => {
      try {
        return fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
  assert.ok(!running)
})

test('a build ends with its time, and with the signal', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const slow = {
    'pyproject.toml': project,
    'back/own.py': 'import time\ndef build_wheel(*given, **named):\n    time.sleep(600)\n',
  }
  const one = setup(t, python.executable, slow, { seconds: 1 })
  await assert.rejects(buildWheel(one.context, one.request), (error) => isDenError(error, 'build-timeout'))
  const two = setup(t, python.executable, slow)
  const stop = new AbortController()
  const done = buildWheel({ ...two.context, signal: stop.signal }, two.request)
  setTimeout(() => stop.abort(), 300)
  await assert.rejects(done, (error) => isDenError(error, 'aborted'))
  assert.equal(two.disposed(), 1)
})

test('a backend path that leaves the tree is refused, and a backend from elsewhere', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const cases: Tree[] = [
    { 'pyproject.toml': project.replace('"back"', '"../"') },
    { 'pyproject.toml': project.replace('"back"', '"/usr"') },
    { 'pyproject.toml': project.replace('"back"', '"nowhere"') },
    { 'readme.txt': '' },
  ]
  for (const tree of cases) {
    const { context, request } = setup(t, python.executable, tree)
    await assert.rejects(buildWheel(context, request), (error) => isDenError(error, 'build-invalid'))
  }
  const { context, request } = setup(t, python.executable, {
    'pyproject.toml': project.replace('"own"', '"json"'),
    back: undefined,
  })
  await assert.rejects(buildWheel(context, request), (error) => {
    assert.ok(isDenError(error, 'build-failed'))
    assert.match(error.detail.said.join('\n'), /outside of backend-path/)
    return true
  })
})

test('a backend’s answer is a file name and nothing else', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  for (const answer of ['"../x-1-py3-none-any.whl"', '"x.zip"', '7', '"x-1-py3-none-any.whl"']) {
    const { context, request } = setup(t, python.executable, {
      'pyproject.toml': project,
      'back/own.py': `def build_wheel(*given, **named):\n    return ${answer}\n`,
    })
    await assert.rejects(buildWheel(context, request), (error) => isDenError(error, 'build-invalid'), answer)
  }
})

test('a backend that returns what JSON has not, or writes over its answer, has given none', async (t) => {
  const python = pythonOr(t, '3.13')
  if (python === undefined) return
  const over =
    'import os, sys\ndef build_wheel(*given, **named):\n    here = os.path.dirname(sys.argv[0])\n    open(here + "/build_wheel.answer.json", "w").write("[")\n    os._exit(0)\n'
  for (const body of ['def build_wheel(*given, **named):\n    return float("nan")\n', over]) {
    const { context, request } = setup(t, python.executable, { 'pyproject.toml': project, 'back/own.py': body })
    await assert.rejects(
      buildWheel(context, request),
      (error) => isDenError(error, 'build-failed') && /gave no answer/.test(JSON.stringify(diagnose(error))),
      body,
    )
  }
})

test('a build has no network where namespaces can be made', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { context, request } = setup(t, python.executable, {
    'pyproject.toml': project,
    'back/own.py': 'import socket\ndef build_wheel(*given, **named):\n    socket.create_connection(("127.0.0.1", 9))\n',
  })
  await assert.rejects(buildWheel(context, request), (error) => {
    assert.ok(isDenError(error, 'build-failed'))
    if (error.detail.network === 'allowed') t.skip('NOT TESTED: this machine makes no user namespaces')
    else assert.match(error.detail.said.join('\n'), /unreachable/)
    return true
  })
})

test('buildVariables() keeps what compilers read and drops what tells secrets', () => {
  const host = {
    platform: 'linux' as const,
    path: path.posix,
    home: '/home/me',
    env: {
      PATH: '/bin',
      CFLAGS: '-O2',
      GITHUB_TOKEN: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      MY_PASSWORD: 'x',
      PYTHONPATH: '/evil',
      PIP_EXTRA_INDEX_URL: 'x',
      DEN_HOME: 'x',
      VIRTUAL_ENV: 'x',
      AUTHOR: 'me',
      CARGO_HOME: '/cargo',
      HOME: '/home/me',
    },
  }
  const variables = buildVariables(host, { home: '/w/home', temporary: '/w/tmp', scripts: ['/env/bin'] })
  assert.deepEqual(Object.keys(variables).sort(), [
    'AUTHOR',
    'CARGO_HOME',
    'CCACHE_DIR',
    'CFLAGS',
    'GOPATH',
    'HOME',
    'NO_COLOR',
    'PATH',
    'PYTHONNOUSERSITE',
    'PYTHONUNBUFFERED',
    'RUSTUP_HOME',
    'SCCACHE_DIR',
    'TEMP',
    'TMP',
    'TMPDIR',
  ])
  assert.equal(variables['PATH'], '/env/bin:/bin')
  assert.equal(variables['CARGO_HOME'], '/cargo')
  assert.equal(variables['RUSTUP_HOME'], '/home/me/.rustup')
})
