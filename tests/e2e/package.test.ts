// The npm package as it is published: its types compile in a consumer's project, its entries load, the embedding example runs.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { bunExecutable } from '../../scripts/toolchain.ts'
import { scratch } from '../kit/scratch.ts'

const root = path.resolve(import.meta.dirname, '..', '..')
const built = path.join(root, 'dist', 'npm')

/** A project that has the package installed. */
function consumer(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = scratch(t, { 'package.json': '{"type": "module"}', 'node_modules/.keep': '', ...files })
  fs.symlinkSync(built, path.join(directory, 'node_modules', 'denpy'))
  return directory
}

/** Where the package has to work: this Node, the oldest that its manifest allows, Bun. */
const runtimes: readonly { readonly name: string; readonly file: string | undefined; readonly without: string }[] = [
  { name: 'this Node', file: process.execPath, without: '' },
  {
    name: 'Node 22.15',
    file: process.env['DEN_TEST_OLDEST_NODE'],
    without: 'NOT TESTED: DEN_TEST_OLDEST_NODE names no Node 22.15, the oldest that denpy runs on',
  },
  { name: 'Bun', file: bunExecutable(), without: 'NOT TESTED: Bun is not installed' },
]

/** A test of the package on each runtime. */
function onEach(title: string, body: (t: TestContext, runtime: string) => void): void {
  for (const { name, file, without } of runtimes) {
    test(`${name}: ${title}`, file === undefined ? { skip: without } : {}, (t) => body(t, file!))
  }
}

const solverExample = fs.readFileSync(path.join(root, 'examples', 'solver', 'solver.ts'), 'utf8')
const tsc = path.join(root, 'node_modules', '.bin', 'tsc')

for (const moduleResolution of ['nodenext', 'bundler']) {
  test(`a consumer compiles against the published types (${moduleResolution})`, (t) => {
    const directory = consumer(t, {
      'consumer.ts': fs.readFileSync(path.join(root, 'tests', 'types', 'consumer.ts'), 'utf8'),
      'solver.ts': solverExample,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          target: 'es2024',
          lib: ['es2024', 'esnext.disposable'],
          module: moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
          moduleResolution,
          types: ['node'],
          typeRoots: [path.join(root, 'node_modules', '@types')],
          noEmit: true,
          skipLibCheck: false,
        },
        files: ['consumer.ts', 'solver.ts'],
      }),
    })
    const compiled = spawnSync(tsc, ['-p', directory], { encoding: 'utf8' })
    assert.equal(compiled.status, 0, compiled.stdout)
  })
}

onEach('every entry of the package loads, and does nothing by being loaded', (t, runtime) => {
  const manifest = JSON.parse(fs.readFileSync(path.join(built, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
  }
  const names = Object.keys(manifest.exports).filter((name) => name !== './package.json')
  assert.deepEqual(names, ['.', './spec', './resolve', './python', './env'])
  const imports = names.map((name) => `await import('denpy${name.slice(1)}')`)
  const directory = consumer(t, {
    'load.mjs': `console.log(JSON.stringify([${imports.join(', ')}].map((m) => Object.keys(m).length > 0)))\n`,
  })
  const loaded = spawnSync(runtime, ['load.mjs'], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: '/nowhere' },
  })
  assert.equal(loaded.stderr, '')
  assert.equal(loaded.stdout, `${JSON.stringify(names.map(() => true))}\n`)
})

// The oldest Node does not run TypeScript as it is.
for (const { name, file, without } of runtimes.filter(({ name }) => name !== 'Node 22.15')) {
  const options = file === undefined ? { skip: without } : {}
  test(`${name}: examples/solver chooses from a made-up index, and tells why there is no answer`, options, (t) => {
    const directory = consumer(t, { 'solver.ts': solverExample })
    const ran = spawnSync(file!, ['solver.ts'], { cwd: directory, encoding: 'utf8' })
    assert.equal(ran.status, 0, ran.stdout + ran.stderr)
    const [newest, older, impossible, prerelease] = ran.stdout.split(/^(?=\S.*:$)/m)
    assert.match(newest!, /^ {2}crew\[cook\] 1\.0\n {2}rope 1\.5\n {2}sail 2\.1\n {2}ship 2\.0\n {2}stew 1\.0\n/m)
    assert.match(older!, /^ {2}rope 2\.0\n {2}sail 1\.0\n {2}ship 1\.0\n/m)
    assert.match(impossible!, /^ {2}sail 2\.0, 2\.1 depends on rope<2$/m)
    assert.match(prerelease!, /the newest is 3\.0b1$/m)
  })
}

test('the package has no dependencies and no install scripts', () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(built, 'package.json'), 'utf8')) as Record<string, unknown>
  for (const field of ['dependencies', 'optionalDependencies', 'scripts'])
    assert.equal(manifest[field], undefined, field)
})

onEach('examples/embed shows progress, and cancels without leaving anything half-made', (t, runtime) => {
  const directory = consumer(t, {
    'embed.mjs': fs.readFileSync(path.join(root, 'examples', 'embed', 'embed.mjs'), 'utf8'),
  })
  const ran = spawnSync(runtime, ['embed.mjs'], { cwd: directory, encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stdout + ran.stderr)
  assert.match(ran.stdout, /^making one from .*python/m)
  assert.match(ran.stdout, /install\.linked: pip/)
  assert.match(ran.stdout, /^ready: Python \d+\.\d+\.\d+ with pip \d/m)
  assert.match(ran.stdout, /^cancelled after (\d+): \1 environments, 0 half-made$/m)
})
