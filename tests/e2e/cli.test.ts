// The command line as a process: what goes to stdout and stderr, exit codes, signals, pipes, bytes.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commands } from '../../src/cli/options/table.ts'
import { den, denCommand, denEnvironment, runProgram } from '../kit/den.ts'
import { scratch } from '../kit/scratch.ts'

const linux = { skip: process.platform === 'linux' ? false : 'NOT TESTED: needs /proc and /dev/full' }

/** den's words, quoted for sh. */
const sh = (): string =>
  denCommand()
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')

test('--version says the version and nothing else', async (t) => {
  const cwd = scratch(t)
  for (const option of ['--version', '-V']) {
    const run = await den([option], { cwd })
    assert.match(run.stdout, /^den \d+\.\d+\.\d+\n$/)
    assert.deepEqual([run.code, run.stderr], [0, ''])
  }
})

test('--version goes with the options of every command, and before any command', async (t) => {
  const cwd = scratch(t)
  for (const line of ['-V --color=never', '-q --version', '--version create', '-C . -V']) {
    const run = await den(line.split(' '), { cwd })
    assert.match(run.stdout, /^den \d+\.\d+\.\d+\n$/, line)
    assert.deepEqual([run.code, run.stderr], [0, ''], line)
  }
  for (const line of ['--version --json', '--json -V']) {
    const run = await den(line.split(' '), { cwd })
    assert.equal(run.json()['schema'], 'den.version/1', line)
  }
  assert.deepEqual(fs.readdirSync(cwd), [])
  assert.equal((await den(['create', '--version'], { cwd })).code, 2)
})

test('a narrow terminal gets the help whole, with no line too long for it', async (t) => {
  const cwd = scratch(t)
  const env = { COLUMNS: '40' }
  for (const line of ['--help', 'help create', 'help env list', 'env --help', 'help explain']) {
    const run = await den(line.split(' '), { cwd, env })
    const long = run.stdout.split('\n').filter((text) => text.length > 40 && /\s\S+\s/.test(text.trim()))
    assert.deepEqual(long, [], line)
  }
  const wide = (await den(['help', 'create'], { cwd })).stdout.replaceAll(/\s+/g, ' ')
  const narrow = (await den(['help', 'create'], { cwd, env })).stdout.replaceAll(/\s+/g, ' ')
  assert.equal(narrow, wide)
})

test('a word of another tool is answered with what to type in den', async (t) => {
  const cwd = scratch(t)
  for (const [line, says] of [
    ['install requests', /den pip install NAME\n/],
    ['activate', /active: den shell\n.*source \.venv\/bin\/activate\n/],
    ['deactivate', /leave a den shell: exit\n/],
    ['list', /den env list\n.*den python list\n/],
    ['rm .venv', /den remove NAME\n.*remove an environment: den env remove PATH\n/],
    ['new', /den init\n.*den create\n/],
    ['help install', /den pip install NAME\n/],
  ] as const) {
    const run = await den(line.split(' '), { cwd })
    assert.equal(run.code, 2, line)
    assert.match(run.stderr, says)
  }
})

test('den alone shows the help and says by its exit code that nothing was done', async (t) => {
  const cwd = scratch(t)
  const alone = await den([], { cwd })
  const asked = await den(['--help'], { cwd })
  assert.equal(alone.code, 2)
  assert.equal(asked.code, 0)
  assert.equal(alone.stdout, asked.stdout)
  assert.match(asked.stdout, /den create +an environment in \.venv/)
  assert.ok(asked.stdout.split('\n').every((line) => line.length <= 80))
})

test('every command explains itself, by --help and by help', async (t) => {
  const cwd = scratch(t)
  for (const { name, hidden, summary, grammar } of commands) {
    if (hidden) continue
    const words = name.split(' ')
    const [option, command] = await Promise.all([den([...words, '--help'], { cwd }), den(['help', ...words], { cwd })])
    assert.equal(option.code, 0, option.stderr)
    // pip's help begins as pip's does.
    assert.ok(option.stdout.startsWith(grammar === 'pip' ? '\nUsage:' : summary), name)
    assert.equal(option.stdout, command.stdout)
  }
})

test('a mistyped command or option is a usage error with what was meant', async (t) => {
  const cwd = scratch(t)
  const command = await den(['craete'], { cwd })
  assert.deepEqual([command.code, command.stdout], [2, ''])
  assert.equal(
    command.stderr,
    'error[unknown-command]: den has no command craete\n   fix: den create\n    or: see all commands: den --help\n',
  )
  const option = await den(['create', '--pyhton', '3'], { cwd })
  assert.equal(option.code, 2)
  assert.match(option.stderr, /the nearest it has: --python/)
  assert.equal((await den(['env', 'lst'], { cwd })).code, 2)
  assert.equal((await den(['help', 'craete'], { cwd })).code, 2)
  assert.equal((await den(['explain', 'a', 'b'], { cwd })).code, 2)
  assert.equal((await den(['completions'], { cwd })).code, 2)
  assert.equal((await den(['completions', 'cmd'], { cwd })).code, 2)
})

test('with --json there is one document on stdout, errors included, and nothing on stderr', async (t) => {
  const cwd = scratch(t)
  const made = await den(['create', '--json'], { cwd })
  assert.deepEqual([made.code, made.stderr], [0, ''])
  assert.equal(made.json()['schema'], 'den.create/1')
  const failed = await den(['create', 'a:b', '--json'], { cwd })
  assert.deepEqual([failed.code, failed.stderr], [2, ''])
  const { schema, code, what, fix, detail } = failed.json()
  assert.deepEqual(
    [schema, code, typeof what, Array.isArray(fix), typeof detail],
    ['den.error/1', 'environment-path-unusable', 'string', true, 'object'],
  )
  const usage = await den(['creat', '--json'], { cwd })
  assert.deepEqual([usage.code, usage.json()['code'], usage.stderr], [2, 'unknown-command', ''])
})

test('every command that only reads answers in JSON with its schema', async (t) => {
  const cwd = scratch(t)
  await den(['create'], { cwd })
  for (const line of [
    'python list',
    'python find',
    'python info',
    'env list',
    'env size',
    'explain',
    'doctor',
    'hook bash',
    'cache dir',
    'version',
    'repair --dry-run',
    'env remove .venv --dry-run',
    'env mv .venv other --dry-run',
    'env cp .venv other --dry-run',
    'create --dry-run elsewhere',
    'venv --dry-run elsewhere',
    'virtualenv --dry-run elsewhere',
  ]) {
    const run = await den([...line.split(' '), '--json'], { cwd })
    const words = line.split(' ').filter((word) => !word.startsWith('-'))
    assert.equal(run.stderr, '', line)
    const schema = String(run.json()['schema'])
    assert.match(schema, /^den\.[a-z.]+\/\d+$/)
    assert.ok(schema.startsWith(`den.${words[0]}`), `${line}: ${schema}`)
  }
  assert.deepEqual(fs.readdirSync(cwd), ['.venv'])
})

test('help is a document too with --json', async (t) => {
  const cwd = scratch(t)
  for (const [line, code, names] of [
    ['--json', 2, undefined],
    ['--help --json', 0, undefined],
    ['create --help --json', 0, ['create']],
    ['python --json', 2, ['python list', 'python find', 'python info', 'python pin']],
    ['--json python -h', 0, ['python list', 'python find', 'python info', 'python pin']],
  ] as const) {
    const run = await den(line.split(' '), { cwd })
    assert.deepEqual([run.code, run.stderr], [code, ''], line)
    const { schema, commands: shown } = run.json<{ schema: string; commands: { name: string }[] }>()
    assert.equal(schema, 'den.help/1')
    if (names === undefined) assert.ok(shown.length > 20, line)
    else
      assert.deepEqual(
        shown.map(({ name }) => name),
        names,
      )
  }
})

test('options may stand between the two words of a command', async (t) => {
  const cwd = scratch(t)
  const run = await den(['-q', 'cache', '--json', '-C', '.', 'dir'], { cwd })
  assert.equal(run.json()['schema'], 'den.cache.dir/1', run.stderr)
  const wrong = await den(['cache', '--nothing', 'dir'], { cwd })
  assert.deepEqual(
    [wrong.code, wrong.stderr.split('\n')[0]],
    [2, 'error[unknown-option]: den cache has no option --nothing'],
  )
  const unknown = await den(['cache', '-q', 'dri'], { cwd })
  assert.match(unknown.stderr, /den has no command 'cache dri'\n.*\n {3}fix: den cache dir\n/)
})

test('talk is on stderr and can be turned down', async (t) => {
  const cwd = scratch(t)
  const made = await den(['create'], { cwd })
  assert.equal(made.stdout, '')
  assert.match(made.stderr, /^created \.venv with \w+ \d/)
  assert.equal((await den(['create', 'quiet', '-q'], { cwd })).stderr, '')
  assert.match((await den(['-v', 'create', 'loud'], { cwd })).stderr, /create\.started path=/)
  const failed = await den(['create', 'a:b', '-qq'], { cwd })
  assert.match(failed.stderr, /^error\[/)
})

test('colour is used where it is asked for, and only there', async (t) => {
  const cwd = scratch(t)
  const plain = await den(['create', 'a:b'], { cwd, env: { NO_COLOR: undefined } })
  const colored = await den(['create', 'a:b', '--color=always'], { cwd })
  const forced = await den(['create', 'a:b'], { cwd, env: { NO_COLOR: undefined, FORCE_COLOR: '1' } })
  assert.doesNotMatch(plain.stderr, /\x1b/)
  assert.match(colored.stderr, /\x1b\[31m/)
  assert.match(forced.stderr, /\x1b\[31m/)
  assert.equal(colored.stderr.replaceAll(/\x1b\[\d+m/g, ''), plain.stderr)
})

test('what comes from outside cannot write escape sequences to the terminal', async (t) => {
  const cwd = scratch(t)
  const run = await den(['\x1b[31mred\x1b]0;title\x07'], { cwd })
  assert.equal(run.code, 2)
  assert.doesNotMatch(run.stderr, /[\x1b\x07]/)
})

test('-C works in another directory, and says so when it is none', async (t) => {
  const cwd = scratch(t, { inner: undefined })
  assert.equal((await den(['-C', 'inner', 'create'], { cwd })).code, 0)
  assert.ok(fs.existsSync(path.join(cwd, 'inner/.venv/pyvenv.cfg')))
  const run = await den(['create', '--directory=nowhere'], { cwd })
  assert.deepEqual(
    [run.code, run.stderr.split('\n')[0]],
    [1, 'error[io-failed]: cannot enter the directory nowhere (ENOENT)'],
  )
  assert.match(run.stderr, /why: there is no such file or directory/)
})

test('a variable stands in for its option, and is named when it is wrong', async (t) => {
  const cwd = scratch(t)
  const wrong = await den(['create'], { cwd, env: { DEN_LINK_MODE: 'teleport' } })
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /DEN_LINK_MODE: teleport will not do/)
  assert.equal((await den(['create', '--link-mode=copy'], { cwd, env: { DEN_LINK_MODE: 'teleport' } })).code, 0)
  const missing = await den(['create', 'x'], { cwd, env: { DEN_PYTHON: '3.99' } })
  assert.deepEqual([missing.code, /python-not-found/.test(missing.stderr)], [1, true])
})

test('a reader that has gone ends den without a word', linux, async (t) => {
  const cwd = scratch(t)
  const script = `{ ${sh()} help create; echo "$?" >&2; } | true`
  // `true` may end before or after the writing: with a pipe that is closed for sure there is no question.
  const closed = await runProgram('bash', ['-c', `exec 3> >(exec true); sleep 0.3; ${sh()} help create >&3; echo $?`], {
    cwd,
  })
  assert.equal(closed.stdout, '141\n', closed.stderr)
  assert.equal(closed.stderr, '')
  assert.match((await runProgram('sh', ['-c', script], { cwd })).stderr, /^(?:0|141)\n$/)
})

test('output that cannot be written is an error', linux, async (t) => {
  const cwd = scratch(t)
  const run = await runProgram('sh', ['-c', `${sh()} help >/dev/full`], { cwd })
  assert.equal(run.code, 1)
  assert.match(run.stderr, /error\[output-failed\]: cannot write to standard output \(ENOSPC\)/)
  // With --json the error itself has no place on stdout.
  const json = await runProgram('sh', ['-c', `${sh()} help --json >/dev/full`], { cwd })
  assert.equal(json.code, 1)
  assert.match(json.stderr, /^error\[output-failed\]: cannot write to standard output \(ENOSPC\)/)
})

test('output longer than a pipe holds arrives whole', linux, async (t) => {
  const cwd = scratch(t)
  const script = `${sh()} help virtualenv --color=always >whole; ${sh()} help virtualenv --color=always | { sleep 0.5; cat >piped; }`
  await runProgram('sh', ['-c', script], { cwd })
  assert.ok(fs.readFileSync(path.join(cwd, 'whole')).equals(fs.readFileSync(path.join(cwd, 'piped'))))
})

test('an argument whose bytes were lost is refused, one that really holds U+FFFD is not', linux, async (t) => {
  const cwd = scratch(t)
  const lost = await runProgram('sh', ['-c', `${sh()} create "$(printf 'caf\\351')"`], { cwd })
  assert.equal(lost.code, 2)
  assert.match(lost.stderr, /error\[argument-not-utf8\]: argument 2/)
  assert.deepEqual(fs.readdirSync(cwd), [])
  const typed = await runProgram('sh', ['-c', `${sh()} help "$(printf '\\357\\277\\275')"`], { cwd })
  assert.match(typed.stderr, /unknown-command/)
})

test('SIGINT stops a command in an orderly way, with 130', linux, async (t) => {
  const cwd = scratch(t)
  const asked = path.join(cwd, 'asked')
  const slow = path.join(cwd, 'python-slow')
  fs.writeFileSync(slow, `#!/bin/sh\n: >'${asked}'\nsleep 30\n`, { mode: 0o755 })
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const [command, ...before] = denCommand()
    const env = denEnvironment(`${cwd}-home`)
    fs.rmSync(asked, { force: true })
    const child = spawn(command, [...before, 'create', '-p', slow, 'made'], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    // From when the interpreter has been asked on, den waits.
    while (!fs.existsSync(asked) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10))
    child.kill(signal)
    assert.equal(await ended, code, said)
    assert.match(said, /error\[aborted\]/)
  }
  assert.deepEqual(
    fs.readdirSync(cwd).filter((name) => name.includes('made')),
    [],
  )
})

test('den venv says nothing, takes several directories, and keeps venv’s exit codes', async (t) => {
  const cwd = scratch(t)
  const made = await den(['venv', '--without-pip', 'one', 'two'], { cwd })
  assert.deepEqual([made.code, made.stdout, made.stderr], [0, '', ''])
  assert.ok(['one', 'two'].every((name) => fs.existsSync(path.join(cwd, name, 'pyvenv.cfg'))))
  assert.equal((await den(['venv', '--nothing', 'x'], { cwd })).code, 2)
  assert.equal((await den(['venv', '--clear', '--upgrade', 'x'], { cwd })).code, 1)
  assert.equal((await den(['venv', 'a:b'], { cwd })).code, 1)
  assert.equal((await den(['venv', '--sys', '--without-p', 'abbreviated'], { cwd })).code, 0)
  assert.match(
    fs.readFileSync(path.join(cwd, 'abbreviated', 'pyvenv.cfg'), 'utf8'),
    /include-system-site-packages = true/,
  )
})

test('den virtualenv says what virtualenv says, reads its variables and its file, and keeps its exit codes', async (t) => {
  const cwd = scratch(t, { 'v.ini': '[virtualenv]\nno_seed = true\nprompt = from file\n' })
  const env = { VIRTUALENV_CONFIG_FILE: path.join(cwd, 'v.ini'), VIRTUALENV_ACTIVATORS: 'bash,fish' }
  const made = await den(['virtualenv', 'env'], { cwd, env })
  assert.equal(made.code, 0, made.stderr)
  const lines = made.stdout.split('\n')
  assert.match(lines[0]!, /^created virtual environment \w+[\d.]+\.final\.0 in [\d.]+m?s$/)
  assert.match(
    lines[1]!,
    /^ {2}creator \w+\(dest=.*env, clear=False, no_vcs_ignore=False, venv_redirect=None, global=False\)$/,
  )
  assert.equal(lines[2], '  activators BashActivator,FishActivator')
  const scripts = fs
    .readdirSync(path.join(cwd, 'env', 'bin'))
    .filter((name) => name.toLowerCase().startsWith('activate'))
  assert.deepEqual(scripts.sort(), ['activate', 'activate.fish'])
  assert.match(fs.readFileSync(path.join(cwd, 'env', 'pyvenv.cfg'), 'utf8'), /prompt = .*from file/)
  assert.equal((await den(['virtualenv', '-q', 'other'], { cwd, env })).stdout, '')
  assert.equal((await den(['virtualenv'], { cwd, env })).code, 2)
  assert.equal((await den(['virtualenv', '--creator', 'nonsense', 'x'], { cwd, env })).code, 2)
  assert.equal((await den(['virtualenv', 'a:b'], { cwd, env })).code, 2)
  assert.equal((await den(['virtualenv', '-p', '3.99', 'x'], { cwd, env })).code, 1)
  assert.equal((await den(['virtualenv', 'x'], { cwd, env: { ...env, VIRTUALENV_SEEDER: 'nonsense' } })).code, 2)
  assert.match((await den(['virtualenv', '--version'], { cwd })).stdout, /^virtualenv \d+/)
  assert.equal((await den(['virtualenv', '--upgrade-embed-wheels'], { cwd })).code, 0)
})

test('den virtualenv tells a creator by another name that it is not the one', linux, async (t) => {
  const cwd = scratch(t)
  const run = await den(['virtualenv', '--creator=pypy3-posix', '--no-seed', 'x'], { cwd })
  assert.equal(run.code, 1)
  assert.match(run.stderr, /error\[option-not-supported\]/)
  assert.deepEqual(fs.readdirSync(cwd), [])
})

test('cache clear removes what den put there, and nothing else', async (t) => {
  const cwd = scratch(t, { 'cache/precious.txt': 'mine' })
  const env = { DEN_CACHE_DIR: path.join(cwd, 'cache') }
  await den(['python', 'list'], { cwd, env })
  assert.equal((await den(['cache', 'clear'], { cwd, env })).code, 0)
  assert.deepEqual(fs.readdirSync(path.join(cwd, 'cache')), ['precious.txt'])
})

test('a terminal that nobody gave a size gets its progress all the same', { ...linux, timeout: 60_000 }, async (t) => {
  const cwd = scratch(t)
  // `script` without a terminal of its own makes one of 0 columns.
  const line = `timeout 30 ${sh()} create env; echo "left $?"`
  const run = await runProgram('script', ['-qfc', line, '/dev/null'], { cwd, input: '' })
  assert.match(run.stdout, /left 0/)
  assert.match(run.stdout, /created .*env/)
})

test('try makes an environment for the example, fills it, runs the program, explains, and says what to type next', async (t) => {
  const cwd = scratch(t)
  const env = { PATH: '/usr/bin:/bin', PIP_NO_INDEX: '1' }
  const run = await den(['try'], { cwd, env })
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stdout, /What the program printed\n {3}│ /)
  assert.match(run.stdout, /Where imports are looked for/)
  // What it says to type next does work, also where den is not on PATH.
  const enter = /What next\n {3}(cd .+)\n/.exec(run.stdout)?.[1]
  const again = /^ {3}(.* run --no-sync python hello\.py) +run it again$/m.exec(run.stdout)?.[1]
  assert.ok(enter !== undefined && again !== undefined, run.stdout)
  const typed = await runProgram('sh', ['-c', `${enter} && ${again}`], { cwd, env })
  assert.match(typed.stdout, /Hello, den!/, typed.stderr)
})
