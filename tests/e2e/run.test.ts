// `den run`: what the program gets is what den got, but for the environment.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den, denCommand, denEnvironment, runProgram, runtime } from '../kit/den.ts'
import { scratch } from '../kit/scratch.ts'

/** A folder with an environment in `.venv`, made by den. */
async function project(t: TestContext): Promise<string> {
  const directory = scratch(t)
  const made = await den(['create'], { cwd: directory })
  assert.equal(made.code, 0, made.stderr)
  return directory
}

/** den's words, quoted for sh. */
function denWords(): string {
  return denCommand()
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')
}

test('run puts the environment first and says nothing of its own', async (t) => {
  const cwd = await project(t)
  const run = await den(
    ['run', 'python', '-c', 'import sys, os; print(sys.prefix); print(os.environ["VIRTUAL_ENV"])'],
    {
      cwd,
      env: { PYTHONHOME: '/nowhere' },
    },
  )
  assert.equal(run.stderr, '')
  assert.equal(run.stdout, `${cwd}/.venv\n${cwd}/.venv\n`)
})

test('run returns the exit code of the program, and its signal', async (t) => {
  const cwd = await project(t)
  assert.equal((await den(['run', 'sh', '-c', 'exit 37'], { cwd })).code, 37)
  const killed = await den(['run', 'sh', '-c', 'kill -TERM $$'], { cwd })
  assert.equal(killed.signal, 'SIGTERM')
})

test('run passes options, dashes and stdin on untouched', async (t) => {
  const cwd = await project(t)
  const run = await den(
    ['run', 'python', '-c', 'import sys; print(sys.argv[1:], sys.stdin.read())', '--help', '-q', '--', '-p', '3'],
    {
      cwd,
      input: 'from stdin',
    },
  )
  assert.equal(run.stdout, "['--help', '-q', '--', '-p', '3'] from stdin\n")
})

test('run keeps descriptors above 2', async (t) => {
  const cwd = await project(t)
  const script = `${denWords()} run bash -c 'cat <&7; cat <&63' 7</dev/fd/4 63<<EOF\nsixty-three\nEOF\n`
  const file = path.join(cwd, 'seven')
  fs.writeFileSync(file, 'seven\n')
  const run = await runProgram('bash', ['-c', script.replace('/dev/fd/4', file)], { cwd })
  assert.equal(run.stdout, 'seven\nsixty-three\n', run.stderr)
})

test("run keeps make's jobserver working", {
  skip: fs.existsSync('/usr/bin/make') ? false : 'make is not installed',
}, async (t) => {
  const cwd = await project(t)
  fs.writeFileSync(path.join(cwd, 'Makefile'), `all:\n\t+@${denWords()} run $(MAKE) --no-print-directory -f inner.mk\n`)
  fs.writeFileSync(path.join(cwd, 'inner.mk'), 'all: a b\na b:\n\t@echo $@\n')
  const run = await runProgram('make', ['-j2'], { cwd })
  assert.equal(run.code, 0, run.stderr)
  assert.doesNotMatch(run.stderr, /jobserver unavailable/)
  assert.deepEqual(run.stdout.trim().split('\n').sort(), ['a', 'b'])
})

test('run keeps the limit of open files', async (t) => {
  const cwd = await project(t)
  const run = await runProgram('sh', ['-c', `ulimit -S -n 321; ${denWords()} run sh -c 'ulimit -S -n'; :`], { cwd })
  assert.equal(run.stdout, '321\n', run.stderr)
})

const status = { skip: fs.existsSync('/proc/self/status') ? false : 'this system has no /proc/self/status' }
const ignored = `sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status`

test('run leaves no signal ignored that was not', status, async (t) => {
  const cwd = await project(t)
  const run = await den(['run', 'sh', '-c', ignored], { cwd })
  assert.equal(BigInt(`0x${run.stdout.trim()}`), 0n)
  const pipe = await runProgram('sh', ['-c', `${denWords()} run sh -c 'yes; echo $? >&2' | head -n 1`], { cwd })
  assert.equal(pipe.stderr.trim(), '141')
})

test('run keeps ignored signals ignored', {
  skip:
    runtime === 'node'
      ? 'Node forgets at its start which signals were ignored (docs/internals/runtimes.md)'
      : status.skip,
}, async (t) => {
  const cwd = await project(t)
  const run = await runProgram(
    'sh',
    ['-c', `trap '' PIPE HUP QUIT; ${denWords()} run sh -c "${ignored.replaceAll('$', '\\$')}"`],
    { cwd },
  )
  const bits = BigInt(`0x${run.stdout.trim()}`)
  for (const signal of [1n, 3n, 13n]) assert.equal((bits >> (signal - 1n)) & 1n, 1n, `signal ${signal}`)
  assert.equal((bits >> 24n) & 1n, 0n, 'SIGXFSZ')
})

test('run replaces the process', {
  skip: runtime === 'node' ? 'Node runs the program as a child' : false,
}, async (t) => {
  const cwd = await project(t)
  const home = scratch(t)
  const [command, ...before] = denCommand()
  const child = spawn(command, [...before, 'run', 'sh', '-c', 'echo $$'], {
    cwd,
    env: denEnvironment(home),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  for await (const chunk of child.stdout) output += chunk
  assert.equal(output.trim(), String(child.pid))
})

test('run hands signals on', async (t) => {
  const cwd = await project(t)
  const [command, ...before] = denCommand()
  const child = spawn(
    command,
    [...before, 'run', 'sh', '-c', 'trap "echo got; exit 5" TERM; echo ready; while :; do sleep 0.05; done'],
    {
      cwd,
      env: denEnvironment(scratch(t)),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (chunk.includes('ready')) child.kill('SIGTERM')
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  assert.equal(code, 5)
  assert.equal(output, 'ready\ngot\n')
})

test("BUN_* of the user's shell changes nothing and reaches the program", async (t) => {
  const cwd = await project(t)
  fs.writeFileSync(path.join(cwd, 'preload.ts'), 'console.log("PRELOADED")\n')
  fs.writeFileSync(path.join(cwd, 'bunfig.toml'), 'preload = ["./preload.ts"]\n')
  fs.writeFileSync(path.join(cwd, '.env'), 'FROM_DOTENV=yes\n')
  const env = {
    BUN_OPTIONS: `--preload ${cwd}/preload.ts`,
    BUN_BE_BUN: '1',
    BUN_JSC_dumpOptions: '1',
    BUN_INSPECT: '127.0.0.1:0',
  }
  const run = await den(['run', 'sh', '-c', 'env | grep -E "^(b?BUN_|FROM_DOTENV)" | LC_ALL=C sort'], { cwd, env })
  assert.equal(run.stderr, '')
  const expected = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  assert.deepEqual(run.stdout.trim().split('\n'), expected.sort())
})

test('run keeps the terminal', {
  skip: fs.existsSync('/usr/bin/script') ? false : 'script(1) is not installed',
}, async (t) => {
  const cwd = await project(t)
  const run = await runProgram(
    'script',
    ['-qec', `${denWords()} run sh -c 'test -t 0 && test -t 1 && echo terminal'`, '/dev/null'],
    { cwd },
  )
  assert.match(run.stdout, /terminal/)
})

test('run names what is missing', async (t) => {
  const cwd = await project(t)
  const missing = await den(['run', 'no-such-program'], { cwd })
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /error\[command-not-found\].*no-such-program/)
  const empty = scratch(t)
  const nowhere = await den(['run', 'python'], { cwd: empty })
  assert.equal(nowhere.code, 1)
  assert.match(nowhere.stderr, /error\[environment-not-found\]/)
  assert.match(nowhere.stderr, /den create/)
})

test('run tells a file that is no program', async (t) => {
  const cwd = await project(t)
  fs.writeFileSync(path.join(cwd, 'plain'), 'echo as the shell would\n', { mode: 0o755 })
  const shell = await den(['run', './plain'], { cwd })
  assert.equal(shell.stdout, 'as the shell would\n', shell.stderr)
  fs.writeFileSync(path.join(cwd, 'locked'), 'x', { mode: 0o644 })
  const locked = await den(['run', './locked'], { cwd })
  assert.equal(locked.code, 1)
  assert.match(locked.stderr, /error\[spawn-failed\]/)
})
