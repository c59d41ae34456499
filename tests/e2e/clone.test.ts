// `./den`, the command from a clone: builds once, under a lock, and starts no other process after that.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { scratch } from '../kit/scratch.ts'

const script = path.resolve(import.meta.dirname, '..', '..', 'den')
const windows = { skip: process.platform === 'win32' ? 'the clone command is a POSIX sh file' : false }

/** A clone as ./den sees one; its npm "builds" a program that prints its arguments, and writes down that it was called. */
function clone(
  t: TestContext,
  name = 'clone',
): { readonly root: string; readonly home: string; readonly tools: string } {
  const home = scratch(t, {
    [`${name}/package.json`]: '{}',
    [`${name}/package-lock.json`]: '{}',
    [`${name}/src/cli/main.ts`]: '',
    [`${name}/assets/activate/activate`]: '',
    'tools/npm': `#!/bin/sh
echo "npm $*" >>"$HOME/npm.log"
case $1 in
  ci) mkdir -p node_modules && : >node_modules/.package-lock.json ;;
  run) sleep 0.3; mkdir -p dist && printf '#!/bin/sh\\necho "den: $*"\\n' >dist/den && chmod +x dist/den && : >dist/built ;;
esac
`,
    'tools/node': '#!/bin/sh\nexit 0\n',
  })
  const root = path.join(home, name)
  fs.copyFileSync(script, path.join(root, 'den'))
  for (const file of [path.join(root, 'den'), path.join(home, 'tools/npm'), path.join(home, 'tools/node')])
    fs.chmodSync(file, 0o755)
  return { root, home, tools: path.join(home, 'tools') }
}

function environment(of: { readonly home: string; readonly tools: string }, more: string[] = []): NodeJS.ProcessEnv {
  return { HOME: of.home, PATH: [...more, of.tools, '/usr/bin', '/bin'].join(':') }
}

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = '/',
): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(command, args, { env, cwd, encoding: 'utf8' })
}

test('the first run installs and builds; the next is the program at once', windows, (t) => {
  const made = clone(t, 'a clone with spaces')
  const first = run(path.join(made.root, 'den'), ['one', 'two words'], environment(made))
  assert.equal(first.stdout, 'den: one two words\n', first.stderr)
  assert.match(first.stderr, /first run in this clone/)
  const second = run('./den', ['x'], environment(made), made.root)
  assert.deepEqual([second.stdout, second.stderr], ['den: x\n', ''])
  assert.equal(
    fs
      .readFileSync(path.join(made.home, 'npm.log'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('npm run')).length,
    1,
  )
})

test('eight first runs at once build once', windows, (t) => {
  const made = clone(t)
  const runs = run('sh', ['-c', 'for i in 1 2 3 4 5 6 7 8; do ./den $i & done; wait'], environment(made), made.root)
  assert.deepEqual(
    runs.stdout.trim().split('\n').sort(),
    [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `den: ${number}`),
    runs.stderr,
  )
  assert.equal(
    fs
      .readFileSync(path.join(made.home, 'npm.log'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('npm run')).length,
    1,
  )
  assert.equal(fs.existsSync(path.join(made.root, '.den-build.lock')), false)
})

test('a lock whose owner is gone is taken over', windows, (t) => {
  const made = clone(t)
  const gone = spawnSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).stdout.trim()
  fs.mkdirSync(path.join(made.root, '.den-build.lock'))
  fs.writeFileSync(path.join(made.root, '.den-build.lock', 'pid'), `${gone}\n`)
  assert.equal(run(path.join(made.root, 'den'), [], environment(made)).stdout, 'den: \n')
})

test('once built it starts no process: directly, on PATH, and through a link', {
  skip: windows.skip || (spawnSync('strace', ['-V']).status === 0 ? false : 'strace is not installed'),
}, (t) => {
  const made = clone(t)
  run(path.join(made.root, 'den'), [], environment(made))
  // A program in place of the built script, so that every exec and fork seen is the wrapper's.
  fs.rmSync(path.join(made.root, 'dist', 'den'))
  fs.symlinkSync('/bin/true', path.join(made.root, 'dist', 'den'))
  const link = path.join(made.home, 'linked')
  fs.symlinkSync(path.join(made.root, 'den'), link)
  const ways: readonly [string, NodeJS.ProcessEnv][] = [
    [path.join(made.root, 'den'), environment(made)],
    ['den', environment(made, [made.root])],
    [link, environment(made)],
  ]
  for (const [command, env] of ways) {
    const traced = spawnSync(
      'strace',
      ['-f', '-e', 'trace=fork,vfork,clone,clone3,execve', '-o', path.join(made.home, 'trace'), command],
      { env, encoding: 'utf8' },
    )
    assert.equal(traced.status, 0, traced.stderr)
    assert.equal(traced.stderr, '')
    const trace = fs.readFileSync(path.join(made.home, 'trace'), 'utf8')
    assert.doesNotMatch(trace, /\b(?:clone3?|v?fork)\(/, command)
    assert.match(trace, /dist\/den/)
  }
})

test('a build older than a source says so, and still runs', windows, (t) => {
  const made = clone(t)
  run(path.join(made.root, 'den'), [], environment(made))
  const source = path.join(made.root, 'src', 'cli', 'main.ts')
  const later = Date.now() / 1000 + 60
  fs.utimesSync(source, later, later)
  const stale = run(path.join(made.root, 'den'), ['x'], environment(made))
  assert.equal(stale.stdout, 'den: x\n')
  assert.match(stale.stderr, /older than its sources \(src\/cli\/main\.ts\)/)
})

test('without Node it says what is missing', windows, (t) => {
  const made = clone(t)
  const bare = scratch(t)
  for (const name of ['sh', 'mkdir', 'rm', 'sleep']) fs.symlinkSync(`/bin/${name}`, path.join(bare, name))
  const failed = run('/bin/sh', [path.join(made.root, 'den')], { HOME: made.home, PATH: bare })
  assert.equal(failed.status, 1)
  assert.match(failed.stderr, /needs Node\.js 20 or newer with npm/)
})
