// `den run`: what the program gets is what den got, but for the environment.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den, denCommand, denEnvironment, runProgram, runtime } from '../kit/den.ts'
import { scratch } from '../kit/scratch.ts'

/** A folder with an environment in `.venv`, made by den. */
async function project(t: TestContext, ...options: readonly string[]): Promise<string> {
  const directory = scratch(t)
  const made = await den(['create', ...options], { cwd: directory })
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

const descriptors = { skip: fs.existsSync('/proc/self/fd') ? false : 'this system has no /proc/self/fd' }

test('run keeps descriptors of any number', descriptors, async (t) => {
  const cwd = await project(t)
  const file = path.join(cwd, 'far')
  fs.writeFileSync(file, 'far\n')
  const script = `exec 300<'${file}'; ${denWords()} run bash -c 'cat <&300'`
  const run = await runProgram('bash', ['-c', script], { cwd })
  assert.equal(run.stdout, 'far\n', run.stderr)
})

test('run hands on no descriptor of its own, under a low limit of open files too', descriptors, async (t) => {
  const cwd = await project(t)
  for (const limit of ['', 'ulimit -n 100; ']) {
    const script = `${limit}${denWords()} run sh -c 'ls -l /proc/$$/fd'; :`
    const run = await runProgram('bash', ['-c', script], { cwd })
    assert.match(run.stdout, / 2 -> /, run.stderr)
    assert.doesNotMatch(run.stdout, /anon_inode/, limit)
    assert.equal(run.stderr, '', limit)
  }
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

test('run hands on a signal that comes as soon as the program runs', {
  skip: runtime === 'node' ? false : 'the executable is replaced by the program',
}, async (t) => {
  const cwd = await project(t)
  const program = 'trap "exit 5" TERM; kill -TERM $PPID; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; done; exit 6'
  // On a busy machine the program is the first of the two to go on.
  const busy = Array.from({ length: 6 }, () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }))
  t.after(() => {
    for (const child of busy) child.kill()
  })
  for (let round = 0; round < 8; round += 1) {
    const run = await den(['run', 'sh', '-c', program], { cwd })
    assert.deepEqual([run.code, run.signal], [5, undefined])
  }
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

test('run keeps the bytes of variables that are no UTF-8', {
  skip: fs.existsSync('/proc/self/environ') ? false : 'only /proc tells the bytes',
}, async (t) => {
  const cwd = await project(t)
  const script = [
    'import os, subprocess, sys',
    `env = dict(os.environb, A=b'\\xff\\xfeabc', B=b'\\xe2\\x82', C=b"q\\xff%s'$(exit 9)\\n\\n", BUN_D=b'\\xe9')`,
    "env[b'PATH'] += b':/no/\\xfc'",
    'subprocess.run(sys.argv[1:], env=env)',
  ].join('\n')
  const names = ['A', 'B', 'C', 'BUN_D', 'PATH']
  const show = `import os; print([os.environb[name] for name in [b'${names.join("', b'")}']])`
  const words = [...denCommand(), 'run', 'python', '-c', show]
  const run = await runProgram('python3', ['-c', script, ...words], { cwd })
  const [a, b, c, d, searched] = run.stdout.trim().slice(1, -1).split(', ')
  assert.deepEqual([a, b, d], ["b'\\xff\\xfeabc'", "b'\\xe2\\x82'", "b'\\xe9'"], run.stderr)
  assert.equal(c, `b"q\\xff%s'$(exit 9)\\n\\n"`)
  assert.ok(searched!.startsWith(`b'${cwd}/.venv/bin:`) && searched!.endsWith(":/no/\\xfc'"), run.stdout)
})

test('run puts nothing but directories of programs on a PATH that was not there', async (t) => {
  const cwd = await project(t)
  fs.writeFileSync(path.join(cwd, 'ls'), '#!/bin/sh\necho from the working directory\n', { mode: 0o755 })
  const run = await den(['run', 'sh', '-c', 'echo "$PATH"; ls -d .'], { cwd, env: { PATH: undefined } })
  assert.equal(run.stdout, `${cwd}/.venv/bin:/usr/bin:/bin\n.\n`, run.stderr)
})

test('run stops and goes on with its program, as Ctrl-Z and fg do it', {
  skip: fs.existsSync('/proc/self/stat') ? false : 'this system has no /proc/self/stat',
}, async (t) => {
  const cwd = await project(t)
  const program = 'echo $$ >ready.new; mv ready.new ready; until [ -e go ]; do sleep 0.02; done; exit 6'
  // With set -m the job has a process group of its own, which gets the signal as a whole, as from a terminal. A group whose parent
  // is of another session, as one that Node detaches, would not be stopped at all. What stops ends bash's own
  // `wait` and loops: another shell waits.
  const job = `(${denWords()} run sh -c '${program}'; echo "exit $?" >left.new; mv left.new left)`
  const script = `set -m; ${job} & echo $! >group; sh -c 'until [ -e left ]; do sleep 0.02; done'; cat left`
  const ended = runProgram('bash', ['-c', script], { cwd })
  const until = async (done: () => boolean): Promise<void> => {
    for (let waited = 0; waited < 10_000 && !done(); waited += 20) await new Promise((next) => setTimeout(next, 20))
    assert.ok(done())
  }
  await until(() => fs.existsSync(path.join(cwd, 'ready')) && fs.existsSync(path.join(cwd, 'group')))
  const group = Number(fs.readFileSync(path.join(cwd, 'group'), 'utf8'))
  const inner = Number(fs.readFileSync(path.join(cwd, 'ready'), 'utf8'))
  /** State and parent. */
  const stat = (pid: number): readonly string[] =>
    /\) (\S) (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))?.slice(1) ?? []
  // The executable has become the program; Node's den is its parent.
  const own = runtime === 'exe' ? inner : Number(stat(inner)[1])
  process.kill(-group, 'SIGTSTP')
  await until(() => stat(own)[0] === 'T' && stat(inner)[0] === 'T')
  process.kill(-group, 'SIGCONT')
  fs.writeFileSync(path.join(cwd, 'go'), '')
  assert.equal((await ended).stdout, 'exit 6\n')
})

test('run does not take the pip of another Python for that of the environment', async (t) => {
  const cwd = await project(t, '--seed', 'none')
  const outside = path.join(cwd, 'outside')
  fs.mkdirSync(outside)
  fs.writeFileSync(path.join(outside, 'pip'), '#!/bin/sh\necho the wrong one\n', { mode: 0o755 })
  const env = { PATH: `${outside}:${process.env['PATH']}` }
  const refused = await den(['run', 'pip', 'install', 'x'], { cwd, env })
  assert.equal(refused.code, 1)
  assert.equal(refused.stdout, '')
  assert.match(refused.stderr, /error\[environment-without-pip\]/)
  assert.match(refused.stderr, new RegExp(`why: the one on PATH, ${outside}/pip, would install for another Python`))
  assert.match(refused.stderr, /fix: den's pip needs none there: den pip install …\n/)
  assert.match(refused.stderr, /or: put pip into it: den run python -m ensurepip --default-pip\n/)
  const named = await den(['run', '-e', '.', 'pip3'], { cwd, env })
  assert.match(named.stderr, /den run -e \S+\/\.venv python -m ensurepip/)
  assert.equal((await den(['run', `${outside}/pip`], { cwd, env })).stdout, 'the wrong one\n')
  fs.writeFileSync(path.join(cwd, '.venv/bin/pip'), '#!/bin/sh\necho its own\n', { mode: 0o755 })
  assert.equal((await den(['run', 'pip'], { cwd, env })).stdout, 'its own\n')
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
  const named = await den(['run', '-n', 'nobody', 'python'], { cwd: empty })
  assert.match(named.stderr, /make one: den create -n nobody\n/)
  const unwritten = await den(['run', 'app.py'], { cwd })
  assert.match(unwritten.stderr, /why: there is no such file here/)
  const unmade = await den(['run', './app'], { cwd })
  assert.match(unmade.stderr, /why: there is no such file that can be run/)
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
  assert.match(locked.stderr, /fix: make it executable: chmod \+x /)
})

test('run tells what a program that is there lacks', async (t) => {
  const cwd = await project(t)
  const loader = `\x7fELF${'\0'.repeat(60)}/gone/lib/ld-linux.so.9\0`
  for (const [text, says] of [
    // What every script of an environment is once its Python has gone.
    ['#!/gone/bin/python3\n', /why: it is there, but \/gone\/bin\/python3, .*\n.*den run python .*tool\n/],
    ['#! /bin/sh\r\n', /why: its first line ends as Windows ends lines/],
    [loader, /why: it is there, but \/gone\/lib\/ld-linux\.so\.9, /],
  ] as const) {
    fs.writeFileSync(path.join(cwd, '.venv/bin/tool'), text, { mode: 0o755 })
    const run = await den(['run', 'tool'], { cwd })
    if (runtime === 'node' && text === loader) continue
    assert.equal(run.code, 1)
    assert.match(run.stderr, says)
    assert.match(run.stderr, /error\[spawn-failed\]: cannot run .*\/tool \(ENOENT\)/)
  }
  if (runtime === 'exe') {
    fs.writeFileSync(path.join(cwd, 'foreign'), `\x7fELF${'\0'.repeat(60)}`, { mode: 0o755 })
    assert.match((await den(['run', './foreign'], { cwd })).stderr, /why: it is not a program for this machine/)
  }
  const directory = await den(['run', cwd], { cwd })
  assert.match(directory.stderr, /why: it is a directory/)
})

test("the runtime's own variables reach no program, and a large environment arrives whole", async (t) => {
  const cwd = await project(t)
  const large = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`LARGE_${index}`, 'x'.repeat(100_000)]))
  const asked = path.join(cwd, 'asked')
  fs.writeFileSync(path.join(cwd, 'asker'), `#!/bin/sh\nenv >'${asked}'\nexec python3 "$@"\n`, { mode: 0o755 })
  const made = await den(['create', '-p', './asker', 'other'], { cwd, env: { ...large, BUN_MINE: '1' } })
  assert.equal(made.code, 0, made.stderr)
  const run = await den(['run', 'env'], { cwd, env: { ...large, BUN_MINE: '1' } })
  for (const text of [fs.readFileSync(asked, 'utf8'), run.stdout]) {
    const lines = text.split('\n')
    assert.deepEqual(
      lines.filter((line) => /^b?BUN_/i.test(line)),
      ['BUN_MINE=1'],
    )
    assert.equal(lines.filter((line) => /^LARGE_\d+=x{100000}$/.test(line)).length, 15)
  }
})

test('run does not take another Python for the one whose link leads nowhere', async (t) => {
  const cwd = await project(t)
  fs.rmSync(path.join(cwd, '.venv/bin/python'))
  fs.symlinkSync('/nowhere/python3', path.join(cwd, '.venv/bin/python'))
  const run = await den(['run', 'python', '-V'], { cwd })
  assert.equal(run.code, 1)
  assert.match(run.stderr, /error\[environment-broken\]/)
  assert.match(run.stderr, /leads to \/nowhere\/python3, which isn't there/)
  assert.match(run.stderr, /den repair/)
  assert.equal((await den(['run', 'true'], { cwd })).code, 0)
})
