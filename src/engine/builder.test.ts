import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { pythonOr } from '../../tests/kit/pythons.ts'
import { type Tree, writeTree } from '../../tests/kit/scratch.ts'
import { buildTar } from '../../tests/kit/tar.ts'
import { isDenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import { type BuildableSource, type Builder, type BuilderOptions, openBuilder } from './builder.ts'

const project = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
/** Counts its runs in a file beside the builds' own: what is cached runs nothing. */
const backend = (log: string): string => `
import base64, hashlib, os, zipfile
def _note(what):
    with open(${JSON.stringify(log)}, "a") as file:
        file.write(what + "\\n")
def prepare_metadata_for_build_wheel(directory, config_settings=None):
    _note("metadata")
    os.mkdir(os.path.join(directory, "thing-1.0.dist-info"))
    with open(os.path.join(directory, "thing-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\nRequires-Dist: other\\n")
    return "thing-1.0.dist-info"
def build_wheel(directory, config_settings=None, metadata_directory=None):
    _note("wheel " + str(sorted((config_settings or {}).items())))
    files = {
        "thing.py": b"",
        "thing-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\\nName: thing\\nVersion: 1.0\\n",
        "thing-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    def hashed(data):
        return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    rows = ["%s,%s,%d" % (name, hashed(data), len(data)) for name, data in files.items()]
    if (config_settings or {}).get("lie"):
        rows[0] = rows[0].replace("sha256=", "sha256=A")
    with zipfile.ZipFile(os.path.join(directory, "thing-1.0-py3-none-any.whl"), "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
        file.writestr("thing-1.0.dist-info/RECORD", "\\n".join(rows + ["thing-1.0.dist-info/RECORD,,", ""]))
    return "thing-1.0-py3-none-any.whl"
`

interface Scene {
  readonly context: Den
  readonly open: (options?: Partial<BuilderOptions>) => Builder
  readonly archive: BuildableSource
  readonly runs: () => readonly string[]
  readonly disposed: () => number
}

function setup(t: TestContext, python: string, tree: Tree = {}): Scene {
  const context = testContext(t)
  const log = path.join(context.root, 'log')
  const files: Record<string, string> = { 'pyproject.toml': project, 'own.py': backend(log) }
  const bytes = gzipSync(
    buildTar(Object.entries(files).map(([name, text]) => ({ name: `thing-1.0/${name}`, data: text }))),
  )
  writeTree(context.root, { 'thing-1.0.tar.gz': bytes, ...tree })
  let disposed = 0
  const options: BuilderOptions = {
    cache: path.join(context.root, 'cache'),
    python: 'cp312-cp312-linux_x86_64',
    keep: true,
    provision: async () => ({
      python,
      scripts: path.dirname(python),
      extend: async () => undefined,
      dispose: () => {
        disposed += 1
      },
    }),
  }
  return {
    context,
    open: (changes = {}) => openBuilder(context, { ...options, ...changes }),
    archive: {
      label: 'thing 1.0',
      place: {
        kind: 'archive',
        path: path.join(context.root, 'thing-1.0.tar.gz'),
        filename: 'thing-1.0.tar.gz',
        sha256: sha256Hex(bytes),
      },
    },
    runs: () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : []),
    disposed: () => disposed,
  }
}

test('metadata and wheel of one source take one environment, and the next run takes none', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { open, archive, runs, disposed, context } = setup(t, python.executable)
  const first = open()
  const [one, two] = await Promise.all([first.metadata(archive), first.metadata(archive)])
  assert.deepEqual([one.requiresDist, two.requiresDist], [['other'], ['other']])
  const wheel = await first.wheel(archive)
  assert.equal(wheel.sha256, sha256Hex(fs.readFileSync(wheel.path)))
  // By this name den cache knows what a killed den leaves.
  assert.match(fs.readdirSync(path.join(context.root, 'cache/builds')).join(), /^run-[0-9a-z]{4,16}$/)
  first.close()
  assert.equal(disposed(), 1)
  assert.deepEqual(fs.readdirSync(path.join(context.root, 'cache/builds')), [])

  const second = open()
  assert.equal((await second.metadata(archive)).name, 'thing')
  assert.equal((await second.wheel(archive)).path, wheel.path)
  second.close()
  assert.deepEqual(runs(), ['metadata', 'wheel []'])

  // Other settings make another wheel; so does another Python.
  const third = open({ python: 'cp313-cp313-linux_x86_64' })
  await third.wheel(archive)
  await third.wheel({ ...archive, configSettings: { a: 'b' } })
  third.close()
  assert.deepEqual(runs().slice(2), ['wheel []', "wheel [('a', 'b')]"])
})

test('a damaged cached wheel is built again', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { open, archive, runs } = setup(t, python.executable)
  const first = open()
  const { path: file } = await first.wheel(archive)
  first.close()
  const whole = fs.readFileSync(file)
  const damages: readonly (() => void)[] = [
    () => fs.truncateSync(file, 10),
    // As long as before, with other bytes.
    () => fs.writeFileSync(file, whole.toReversed()),
  ]
  for (const damage of damages) {
    damage()
    const again = open()
    const { path: made } = await again.wheel(archive)
    again.close()
    assert.deepEqual(fs.readFileSync(made).length, whole.length)
  }
  assert.equal(runs().length, 3)
})

test('a wheel that would be refused is told as the backend’s, and not kept', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { open, archive, runs } = setup(t, python.executable)
  for (const _ of [1, 2]) {
    const builder = open()
    await assert.rejects(builder.wheel({ ...archive, configSettings: { lie: 'yes' } }), (error) => {
      assert.ok(isDenError(error, 'build-invalid'), String(error))
      assert.match(error.detail.reason, /its backend made thing-1\.0-py3-none-any\.whl, which is refused: .*thing\.py/)
      return true
    })
    builder.close()
  }
  assert.equal(runs().length, 2)
})

test('a directory is never taken from the cache', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { open, context, runs } = setup(t, python.executable)
  writeTree(context.root, { 'tree/pyproject.toml': project, 'tree/own.py': backend(path.join(context.root, 'log')) })
  const source: BuildableSource = { label: 'tree', place: { kind: 'directory', path: path.join(context.root, 'tree') } }
  for (const _ of [1, 2]) {
    const builder = open()
    await builder.wheel(source)
    builder.close()
  }
  assert.equal(runs().length, 2)
})

test('what may not be built, what needs itself, and what is another project is refused', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const { open, archive, runs } = setup(t, python.executable)
  await assert.rejects(open({ forbidden: () => 'it is not trusted' }).wheel(archive), (error) =>
    isDenError(error, 'build-forbidden'),
  )
  await assert.rejects(open({ chain: ['thing 1.0', 'other 2.0'] }).wheel(archive), (error) => {
    assert.ok(isDenError(error, 'build-invalid'))
    assert.match(error.detail.reason, /thing 1\.0 → other 2\.0 → thing 1\.0/)
    return true
  })
  assert.deepEqual(runs(), [])
  await assert.rejects(open().wheel({ ...archive, name: 'else' as never }), (error) =>
    isDenError(error, 'build-invalid'),
  )
  await assert.rejects(open().wheel({ ...archive, subdirectory: '../..' }), (error) =>
    isDenError(error, 'build-invalid'),
  )
})
