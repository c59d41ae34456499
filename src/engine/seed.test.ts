import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { type ServedIndex, servedWheel, serveIndex } from '../../tests/kit/index-server.ts'
import { interpreter } from '../../tests/kit/interpreters.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../tests/kit/wheel.ts'
import { diagnose, isDenError } from '../base/error.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import { type Files, realFiles } from '../host/files.ts'
import { sha256Hex } from '../host/hash.ts'
import { parseWheelFilename } from '../spec/filename.ts'
import { type SeedRequest, type SeedResult, seedEnvironment } from './seed.ts'
import { defaultSeeds, fitsPython, lastRelease } from './seed-choice.ts'

const pip = (version: string, changes: Partial<WheelInput> = {}): WheelInput => ({
  name: 'pip',
  version,
  files: { 'pip/__init__.py': `__version__ = '${version}'\n` },
  scripts: { pip: 'pip:main', pip3: 'pip:main' },
  ...changes,
})

interface Setup {
  readonly context: Den
  readonly index: ServedIndex
  seed(
    name: string,
    changes?: Partial<SeedRequest> & { readonly python?: string; readonly bundled?: readonly WheelInput[] },
  ): Promise<SeedResult>
  site(name: string, python?: string): string
}

async function setup(
  t: TestContext,
  options: { served?: readonly WheelInput[]; env?: Record<string, string>; files?: Files; now?: () => number } = {},
): Promise<Setup> {
  const index = await serveIndex(
    t,
    (options.served ?? []).map((wheel) => servedWheel(wheel)),
  )
  const env = { PIP_CONFIG_FILE: '/dev/null', PIP_INDEX_URL: index.url, ...options.env }
  const context = testContext(t, {
    env,
    host: { ...(options.files && { files: options.files }), ...(options.now && { now: options.now }) },
  })
  const site = (name: string, python = '3.13'): string =>
    path.join(context.root, name, `lib/python${python}/site-packages`)
  return {
    context,
    index,
    site,
    seed: async (name, { python = '3.13', bundled = [], ...changes } = {}) => {
      const directory = path.join(context.root, `base-${python}`)
      for (const wheel of bundled) {
        const file = path.join(directory, wheelFilename(wheel))
        if (!fs.existsSync(file)) writeTree(directory, { [wheelFilename(wheel)]: buildWheel(wheel) })
      }
      const base = interpreter(`${python}.1`, { wheelDirectories: bundled.length === 0 ? [] : [directory] })
      const root = path.join(context.root, name)
      const paths: EnvironmentPaths = {
        root,
        scripts: path.join(root, 'bin'),
        python: path.join(root, 'bin/python'),
        purelib: site(name, python),
        platlib: site(name, python),
        include: path.join(root, 'include'),
        data: root,
      }
      fs.mkdirSync(paths.purelib, { recursive: true })
      return await seedEnvironment(context, {
        interpreter: base,
        paths,
        staged: root,
        seeds: { pip: 'embed' },
        ...changes,
      })
    },
  }
}

const notes = (context: Den): readonly string[] =>
  context.events.flatMap((event) => (event.kind === 'note' ? [event.text] : []))

test('seedEnvironment() takes the base’s own wheel, the newest, and asks nobody', async (t) => {
  const { seed, index, site } = await setup(t, { served: [pip('30.0')] })
  const result = await seed('env', { bundled: [pip('24.2'), pip('9.0')] })
  assert.deepEqual(result.installed, [{ name: 'pip', version: '24.2' }])
  assert.ok(fs.existsSync(path.join(site('env'), 'pip-24.2.dist-info/RECORD')))
  assert.deepEqual(fs.readdirSync(path.join(site('env'), '../../../bin')).sort(), ['pip', 'pip3', 'pip3.13'])
  assert.equal(index.requests.length, 0)
})

test('seedEnvironment() says where a wheel lies that it refuses', async (t) => {
  const { seed, context } = await setup(t)
  const wheel = path.join(context.root, 'base-3.13/pip-24.2-py3-none-any.whl')
  for (const broken of [
    'garbage',
    buildWheel({ ...pip('24.2'), record: (rows) => rows.slice(rows.indexOf('\n') + 1) }),
  ]) {
    writeTree(context.root, { 'base-3.13/pip-24.2-py3-none-any.whl': broken })
    await assert.rejects(
      seed('env', { bundled: [pip('24.2')] }),
      (error) => isDenError(error, 'invalid-archive', 'invalid-wheel') && error.detail.file === wheel,
    )
  }
})

test('seedEnvironment() opens no wheel that the store knows, by its path or by its content', async (t) => {
  const opened: string[] = []
  const readBytes: Files['readBytes'] = (name, range) => {
    if (name.endsWith('.whl')) opened.push(path.basename(path.dirname(name)))
    return realFiles.readBytes(name, range)
  }
  const { seed, context } = await setup(t, { files: { ...realFiles, readBytes } })
  await seed('one', { bundled: [pip('24.2')] })
  await seed('two', { bundled: [pip('24.2')] })
  assert.deepEqual(opened, ['base-3.13'])
  // The same bytes in another place are hashed once, and not unpacked again.
  writeTree(context.root, { [`given/${wheelFilename(pip('24.2'))}`]: buildWheel(pip('24.2')) })
  const given = { searchDirectories: [path.join(context.root, 'given')] }
  await seed('three', given)
  await seed('four', given)
  assert.deepEqual(opened, ['base-3.13', 'given'])
  assert.equal(context.events.filter((event) => event.kind === 'store.unpacked').length, 1)
})

test('seedEnvironment() notices a wheel that was replaced', async (t) => {
  const { seed, site, context } = await setup(t)
  await seed('one', { bundled: [pip('24.2')] })
  const wheel = path.join(context.root, 'base-3.13', 'pip-24.2-py3-none-any.whl')
  fs.rmSync(wheel)
  await seed('two', { bundled: [pip('24.2', { files: { 'pip/__init__.py': 'patched by the distributor\n' } })] })
  assert.match(fs.readFileSync(path.join(site('two'), 'pip/__init__.py'), 'utf8'), /patched/)
})

for (const [python, release] of [
  ['2.7', '20.3.4'],
  ['3.6', '21.3.1'],
  ['3.7', '24.0'],
  ['3.8', '25.0.1'],
] as const) {
  const last = pip(release, { tag: python === '2.7' ? 'py2.py3-none-any' : 'py3-none-any' })
  const old = pip('18.1', { tag: 'py2.py3-none-any' })

  test(`seedEnvironment() bundles pip ${release} for Python ${python}: from the index once, then from the store`, async (t) => {
    const { seed, index } = await setup(t, { served: [last, pip('30.0')] })
    const wish = { python, bundled: [old], seeds: { pip: 'bundle' } }
    assert.deepEqual((await seed('one', wish)).installed, [{ name: 'pip', version: release }])
    const asked = index.requests.length
    assert.deepEqual((await seed('two', { ...wish, offline: true })).installed, [{ name: 'pip', version: release }])
    assert.equal(index.requests.length, asked)
  })

  test(`seedEnvironment() falls back to what Python ${python} brings, and says so`, async (t) => {
    const { seed, context } = await setup(t)
    const wish = { python, bundled: [old], seeds: { pip: 'bundle' } }
    assert.deepEqual((await seed('one', wish)).installed, [{ name: 'pip', version: '18.1' }])
    assert.match(notes(context).join('\n'), new RegExp(`18\\.1 is put in.*${release.replaceAll('.', '\\.')}`))
    assert.deepEqual((await seed('two', { ...wish, offline: true })).installed, [{ name: 'pip', version: '18.1' }])
  })

  test(`seedEnvironment() embeds exactly what Python ${python} brings`, async (t) => {
    const { seed, index } = await setup(t, { served: [last] })
    assert.deepEqual((await seed('one', { python, bundled: [old] })).installed, [{ name: 'pip', version: '18.1' }])
    assert.equal(index.requests.length, 0)
  })
}

test('seedEnvironment() gets the newest release for the Python from the index', async (t) => {
  const served = [
    pip('24.0'),
    pip('25.0', { requiresPython: '>=3.9' }),
    pip('26.0', { requiresPython: '>=3.14' }),
    pip('27.0rc1'),
    pip('28.0', { tag: 'cp313-cp313-win_amd64' }),
  ]
  const { seed, index } = await setup(t, { served })
  index.add(servedWheel(pip('24.9'), { yanked: 'broken' }))
  assert.equal((await seed('a', { seeds: { pip: 'latest' } })).installed[0]!.version, '25.0')
  assert.equal((await seed('b', { python: '3.8', seeds: { pip: 'latest' } })).installed[0]!.version, '24.0')
  assert.equal((await seed('c', { seeds: { pip: '26.0' } })).installed[0]!.version, '26.0')
})

test('seedEnvironment() finds a version in the directories given, then in PIP_FIND_LINKS', async (t) => {
  const { seed, index, context } = await setup(t, { env: { PIP_FIND_LINKS: 'links' } })
  writeTree(context.root, {
    'links/pip-5.0-py3-none-any.whl': buildWheel(pip('5.0')),
    'links/pip-6.0-py3-none-any.whl': buildWheel(pip('6.0')),
    'given/pip-4.0-py3-none-any.whl': buildWheel(pip('4.0')),
  })
  assert.equal((await seed('a', { seeds: { pip: '5.0' } })).installed[0]!.version, '5.0')
  assert.equal(
    (await seed('b', { seeds: { pip: '4.0' }, searchDirectories: [path.join(context.root, 'given')] })).installed[0]!
      .version,
    '4.0',
  )
  assert.equal((await seed('c', { seeds: { pip: 'latest' }, download: false })).installed[0]!.version, '6.0')
  assert.equal(index.requests.length, 0)
})

test('seedEnvironment() finds the wheels that a page of this machine names', async (t) => {
  const bytes = buildWheel(pip('24.3'))
  const { seed, context } = await setup(t, { env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: 'my%20pages/index.html' } })
  const page = (sha256: string): void =>
    writeTree(context.root, {
      'my%20pages/index.html': `<a href="../w%20s/${wheelFilename(pip('24.3'))}#sha256=${sha256}">pip</a><a href="file://elsewhere/pip-9-py3-none-any.whl">x</a>`,
      [`w s/${wheelFilename(pip('24.3'))}`]: bytes,
    })
  page('0'.repeat(64))
  await assert.rejects(seed('env', { seeds: { pip: '24.3' } }), (error) => isDenError(error, 'hash-mismatch'))
  page(sha256Hex(bytes).toUpperCase())
  assert.deepEqual((await seed('env', { seeds: { pip: '24.3' } })).installed, [{ name: 'pip', version: '24.3' }])
})

test('seedEnvironment() refuses a file: address of another machine', async (t) => {
  const { seed } = await setup(t, { env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: 'file://elsewhere/wheels' } })
  await assert.rejects(seed('env', { seeds: { pip: '24.3' } }), (error) => isDenError(error, 'invalid-setting'))
})

test('seedEnvironment() asks no index when PIP_NO_INDEX, offline or download says so, and tells where it looked', async (t) => {
  for (const [changes, env] of [
    [{}, { PIP_NO_INDEX: '1' }],
    [{ offline: true }, {}],
    [{ download: false }, {}],
  ] as const) {
    const { seed, index } = await setup(t, { served: [pip('24.0')], env })
    await assert.rejects(seed('a', changes), (error: unknown) => {
      assert.ok(isDenError(error, 'no-seed'), String(error))
      assert.match(diagnose(error).why!, /not in the index/)
      return true
    })
    assert.equal(index.requests.length, 0)
  }
})

test('seedEnvironment() asks the index once in a while for a base that brings no pip, and does without it after that', async (t) => {
  let now = Date.UTC(2026, 0, 1)
  const { seed, index, context } = await setup(t, { served: [pip('25.0')], now: () => now })
  const version = async (name: string, changes: Partial<SeedRequest> = {}): Promise<string> =>
    (await seed(name, changes)).installed[0]!.version
  assert.equal(await version('one'), '25.0')
  const asked = index.requests.length
  index.add(servedWheel(pip('26.0')))
  assert.equal(await version('two'), '25.0')
  assert.equal(await version('three', { offline: true }), '25.0')
  assert.equal(await version('four', { offline: true, seeds: { pip: 'latest' } }), '25.0')
  assert.equal(index.requests.length, asked)
  now += 30 * 24 * 60 * 60 * 1000
  assert.equal(await version('five', { offline: true }), '25.0')
  index.fault({ on: '/simple/', kind: 'status', status: 404, times: 1 })
  assert.equal(await version('six'), '25.0')
  assert.match(notes(context).join('\n'), /from the store/)
  assert.equal(await version('seven'), '26.0')
})

test('seedEnvironment() restores a damaged tree and succeeds', async (t) => {
  const { seed, context, site } = await setup(t)
  await seed('one', { bundled: [pip('24.2')], linkMode: 'copy' })
  const trees = path.join(context.places.store, 'v1/trees')
  const [key] = fs.readdirSync(trees)
  const file = path.join(trees, key!, 'tree/pip/__init__.py')
  fs.chmodSync(file, 0o644)
  fs.writeFileSync(file, 'evil')
  await seed('two', { bundled: [pip('24.2')] })
  assert.equal(fs.readFileSync(path.join(site('two'), 'pip/__init__.py'), 'utf8'), "__version__ = '24.2'\n")
  assert.equal(fs.readFileSync(file, 'utf8'), "__version__ = '24.2'\n")
})

test('seedEnvironment() restores a tree that came from the index', async (t) => {
  const { seed, context, site, index } = await setup(t, { served: [pip('21.3.1')] })
  await seed('one', { python: '3.6', seeds: { pip: 'bundle' }, linkMode: 'copy' })
  const trees = path.join(context.places.store, 'v1/trees')
  fs.rmSync(path.join(trees, fs.readdirSync(trees)[0]!, 'tree/pip/__init__.py'))
  await seed('two', { python: '3.6', seeds: { pip: 'bundle' } })
  assert.ok(fs.existsSync(path.join(site('two', '3.6'), 'pip/__init__.py')))
  assert.equal(index.paths().filter((name) => name.startsWith('/files/')).length, 2)
})

test('seedEnvironment() keeps what is there when it will do, and replaces it when it will not', async (t) => {
  const { seed, site } = await setup(t, { served: [pip('25.0', { files: { 'pip/new.py': '' } })] })
  await seed('env', { bundled: [pip('24.2')] })
  const again = await seed('env', { bundled: [pip('24.2')] })
  assert.deepEqual(again, { ...again, installed: [], kept: [{ name: 'pip', version: '24.2' }] })
  assert.deepEqual((await seed('env', { seeds: { pip: 'latest' } })).installed, [{ name: 'pip', version: '25.0' }])
  assert.deepEqual(fs.readdirSync(site('env')).sort(), ['pip', 'pip-25.0.dist-info'])
  assert.deepEqual(fs.readdirSync(path.join(site('env'), 'pip')), ['new.py'])
  // ensurepip does not go back either.
  assert.deepEqual((await seed('env', { bundled: [pip('24.2')] })).kept, [{ name: 'pip', version: '25.0' }])
})

test('seedEnvironment() puts in anew what is there in part only', async (t) => {
  const { seed, site } = await setup(t)
  const request = { bundled: [pip('24.2')] }
  await seed('env', request)
  const script = path.join(site('env'), '../../../bin/pip')
  for (const lost of [script, path.join(site('env'), 'pip/__init__.py')]) {
    fs.rmSync(lost)
    assert.deepEqual((await seed('env', request)).installed, [{ name: 'pip', version: '24.2' }])
    assert.ok(fs.existsSync(lost))
  }
  // Bytecode comes and goes; and of one without a RECORD nobody can tell.
  const record = path.join(site('env'), 'pip-24.2.dist-info/RECORD')
  fs.appendFileSync(record, 'pip/__pycache__/__init__.cpython-313.pyc,,\npip/__pycache__,,\n')
  assert.deepEqual((await seed('env', request)).installed, [])
  fs.rmSync(record)
  assert.deepEqual((await seed('env', request)).installed, [])
})

test('defaultSeeds() are venv’s and virtualenv’s own', () => {
  assert.deepEqual(defaultSeeds({ major: 3, minor: 13 }, 'venv'), { pip: 'embed', setuptools: false, wheel: false })
  assert.deepEqual(defaultSeeds({ major: 3, minor: 11 }, 'venv'), { pip: 'embed', setuptools: 'embed', wheel: false })
  assert.deepEqual(defaultSeeds({ major: 3, minor: 12 }, 'virtualenv'), {
    pip: 'bundle',
    setuptools: false,
    wheel: false,
  })
  assert.deepEqual(defaultSeeds({ major: 3, minor: 8 }, 'virtualenv'), {
    pip: 'bundle',
    setuptools: 'bundle',
    wheel: 'bundle',
  })
  assert.deepEqual(defaultSeeds({ major: 2, minor: 7 }, 'venv'), { pip: 'embed', setuptools: 'embed', wheel: false })
  assert.equal(lastRelease({ major: 3, minor: 9 }, 'pip'), undefined)
})

test('fitsPython() knows which pure wheels a Python can have', () => {
  const fits = (tag: string, major: number, minor: number): boolean =>
    fitsPython(parseWheelFilename(`a-1-${tag}.whl`), { major, minor })
  assert.ok(fits('py3-none-any', 3, 6) && !fits('py3-none-any', 2, 7))
  assert.ok(fits('py2.py3-none-any', 2, 7))
  assert.ok(fits('py38-none-any', 3, 9) && !fits('py310-none-any', 3, 9))
  assert.ok(!fits('cp313-cp313-linux_x86_64', 3, 13) && !fits('py3-none-linux_x86_64', 3, 13))
})
