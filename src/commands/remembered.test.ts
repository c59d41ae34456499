import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import type { Core } from './core.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import type { AimedEnvironment } from './pip-environment.ts'
import * as memory from './remembered.ts'

const nothing: ReadonlySet<string> = new Set()

function requestFor(requirements: readonly string[], changes: Partial<InstallPackagesRequest> = {}) {
  return {
    wanted: {
      requirements,
      editables: [],
      requirementFiles: [],
      constraintFiles: [],
      scripts: [],
      groups: [],
      dependencies: 'all',
    },
    choice: { noBinary: nothing, onlyBinary: nothing, allReleases: nothing, onlyFinal: nothing },
    sources: { refresh: nothing },
    target: {},
    place: { kind: 'environment' },
    upgrade: 'no',
    forceReinstall: false,
    ignoreInstalled: false,
    dryRun: false,
    ...changes,
  } as unknown as InstallPackagesRequest
}

function setup(t: TestContext) {
  const context = testContext(t)
  const site = path.join(context.root, 'env', 'site-packages')
  fs.mkdirSync(path.join(site, 'six-1.17.0.dist-info'), { recursive: true })
  fs.writeFileSync(path.join(site, 'six-1.17.0.dist-info', 'METADATA'), 'Name: six\n')
  const aimed = {
    executable: path.join(context.root, 'env', 'bin', 'python'),
    interpreter: { version: { major: 3, minor: 13 } },
    sysPath: [site],
  } as unknown as AimedEnvironment
  const satisfied: readonly memory.Satisfied[] = [{ name: 'six', version: '1.17.0', location: site, requested: true }]
  return { context, site, aimed, satisfied }
}

function recallSatisfied(core: Core, request: InstallPackagesRequest, aimed: AimedEnvironment) {
  const facts = memory.satisfiedFacts(core, request, aimed)
  return facts === undefined ? undefined : memory.recallSatisfied(core, aimed, facts)
}

function rememberSatisfied(
  core: Core,
  request: InstallPackagesRequest,
  aimed: AimedEnvironment,
  satisfied: readonly memory.Satisfied[],
  meanwhile = (): void => undefined,
): void {
  const facts = memory.satisfiedFacts(core, request, aimed)
  meanwhile()
  if (facts !== undefined) memory.rememberSatisfied(core, aimed, facts, satisfied)
}

test('the same request of an environment that is as it was is known to be satisfied', (t) => {
  const { context, aimed, satisfied } = setup(t)
  const request = requestFor(['six>=1', 'Six[x] ; python_version > "3"'])
  assert.equal(recallSatisfied(context, request, aimed), undefined)
  rememberSatisfied(context, request, aimed, satisfied)
  assert.deepEqual(recallSatisfied(context, request, aimed), satisfied)
})

test('whatever the answer rests on makes it forgotten when it changes', (t) => {
  const { context, site, aimed, satisfied } = setup(t)
  const file = path.join(context.root, 'requirements.txt')
  fs.writeFileSync(file, 'six==1.17.0  # pinned\n\n')
  const request = requestFor(['six'])
  const withFile = { ...request, wanted: { ...request.wanted, requirementFiles: [file] } }
  const changes: readonly (() => void)[] = [
    () => fs.writeFileSync(file, 'six==1.16.0\n'),
    () => fs.writeFileSync(path.join(site, 'six-1.17.0.dist-info', 'METADATA'), 'Name: six\nRequires-Dist: x\n'),
    () => fs.mkdirSync(path.join(site, 'x-1.dist-info')),
    () => fs.writeFileSync(path.join(site, 'a.pth'), 'x'),
    () => fs.rmSync(path.join(site, 'six-1.17.0.dist-info'), { recursive: true }),
  ]
  for (const change of changes) {
    rememberSatisfied(context, withFile, aimed, satisfied)
    assert.deepEqual(recallSatisfied(context, withFile, aimed), satisfied)
    change()
    assert.equal(recallSatisfied(context, withFile, aimed), undefined, String(change))
  }
  rememberSatisfied(context, request, aimed, satisfied)
  assert.equal(recallSatisfied(context, requestFor(['six', 'toml']), aimed), undefined)
  assert.equal(
    recallSatisfied(context, { ...request, sources: { ...request.sources, noIndex: true } }, aimed),
    undefined,
  )
  assert.equal(recallSatisfied(context, request, { ...aimed, interpreter: { version: {} } as never }), undefined)
})

test('what is not only names and versions is never remembered', (t) => {
  const { context, aimed, satisfied } = setup(t)
  const file = path.join(context.root, 'requirements.txt')
  const cases: InstallPackagesRequest[] = [
    ...['./six', 'six @ https://example.org/six.whl', 'six.whl', 'a/b', 'six; platform_release > "6"', '$' + '{X}'].map(
      (text) => requestFor([text]),
    ),
    requestFor(['six'], { upgrade: 'needed' }),
    requestFor(['six'], { forceReinstall: true }),
    requestFor(['six'], { dryRun: true }),
    requestFor(['six'], { report: '-' }),
    requestFor(['six'], { place: { kind: 'user' } as never }),
    requestFor(['six'], { sources: { refresh: new Set([':all:']) } as never }),
    requestFor(['six'], { target: { platforms: ['any'] } }),
  ]
  for (const request of cases) {
    rememberSatisfied(context, request, aimed, satisfied)
    assert.equal(recallSatisfied(context, request, aimed), undefined)
  }
  for (const text of ['-r other.txt\n', '-e .\n', 'six --hash=sha256:0\n', 'six @ file:///x\n', 'a\\\n==1\n']) {
    fs.writeFileSync(file, text)
    const request = requestFor([])
    const withFile = { ...request, wanted: { ...request.wanted, requirementFiles: [file] } }
    rememberSatisfied(context, withFile, aimed, satisfied)
    assert.equal(recallSatisfied(context, withFile, aimed), undefined, text)
  }
})

test('what changes while the answer is worked out is not taken for what it rests on', (t) => {
  const { context, site, aimed, satisfied } = setup(t)
  const request = requestFor(['six'])
  rememberSatisfied(context, request, aimed, satisfied, () =>
    fs.rmSync(path.join(site, 'six-1.17.0.dist-info'), { recursive: true }),
  )
  assert.equal(recallSatisfied(context, request, aimed), undefined)
})

test('a damaged entry is a miss', (t) => {
  const { context, aimed, satisfied } = setup(t)
  const request = requestFor(['six'])
  rememberSatisfied(context, request, aimed, satisfied)
  const directory = path.join(context.places.cache, 'satisfied-v1')
  for (const name of fs.readdirSync(directory)) {
    const file = path.join(directory, name)
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('1.17.0', '1.18.0'))
  }
  assert.equal(recallSatisfied(context, request, aimed), undefined)
})
