// `den hook`: the environment follows the directory, in the real shells; what den doesn't know stays inactive, whatever a checkout
// brings along; and prompts cost next to nothing.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { type HookShell, hookScript } from '../../src/env/hook.ts'
import { registryFile } from '../../src/env/registry.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { type Cleanup, scratch, writeTree } from '../kit/scratch.ts'
import { findShell, interact, runShell, shellEnv } from '../kit/shells.ts'

const host = defaultHost()
const startPath = '/usr/bin:/bin'

interface Machine {
  readonly root: string
  readonly registry: string
  readonly hook: (shell: HookShell) => string
  readonly env: Record<string, string>
}

/** Projects: `one` (a directory), `two` (PEP 832, with a prompt), `50% off` (characters that the registry encodes), `stranger`. */
function machine(t: Cleanup): Machine {
  const root = scratch(t, {
    'one/.venv/pyvenv.cfg': 'home = /usr/bin\n',
    'one/src/deep/file': '',
    'two/envs/x/pyvenv.cfg': "home = /usr/bin\nprompt = 'it\\'s $(touch canary)'\n",
    'two/.venv': '../two/./envs/x\n',
    'two/src/file': '',
    '50% off/.venv/pyvenv.cfg': 'home = /usr/bin\n',
    'stranger/.venv/pyvenv.cfg': 'home = /usr/bin\n',
    'stranger/.venv/bin/activate': 'touch canary\n',
    'stranger/.venv/bin/ls': '#!/bin/sh\ntouch canary\n',
  })
  fs.chmodSync(path.join(root, 'stranger/.venv/bin/ls'), 0o755)
  for (const name of ['one/.venv', 'two/envs/x', '50% off/.venv']) writeTree(path.join(root, name), { 'bin/x': '' })
  const registry = path.join(root, "reg'istry")
  fs.mkdirSync(registry)
  for (const name of ['one/.venv', 'two/envs/x', '50% off/.venv']) {
    fs.writeFileSync(registryFile(host, registry, path.join(root, name)), '{}\n')
  }
  const hook = (shell: HookShell): string => {
    const file = path.join(root, `hook.${shell}`)
    fs.writeFileSync(file, hookScript(shell, { registry }))
    return file
  }
  return { root, registry, hook, env: shellEnv(root) }
}

interface HookCase {
  readonly program: string
  readonly args: readonly string[]
  readonly shell: HookShell
  readonly load: (file: string) => string
  /** Prints a label, VIRTUAL_ENV, VIRTUAL_ENV_PROMPT, the first entry of PATH. */
  readonly say: string
  /** Calls `say` with the label. */
  readonly call?: (label: string) => string
  readonly begin: string
  readonly cd?: (directory: string) => string
  readonly read: (environment: string) => string
}

const posix = {
  say: `say () { printf '%s\\n' "$1 \${VIRTUAL_ENV-none} \${VIRTUAL_ENV_PROMPT-none} \${PATH%%:*}"; }`,
  begin: `set -eu; PS1='P> '`,
  load: (file: string) => `eval "$(cat ${file})"`,
  read: (environment: string) => `VIRTUAL_ENV=${environment}`,
}

const cases: readonly HookCase[] = [
  { program: 'bash', args: ['--norc'], shell: 'bash', ...posix },
  { program: 'zsh', args: ['-f'], shell: 'zsh', ...posix },
  { program: 'zsh', args: ['-f', '-o', 'ksh_arrays', '-o', 'sh_word_split'], shell: 'zsh', ...posix },
  { program: 'dash', args: [], shell: 'sh', ...posix },
  { program: 'busybox', args: ['sh'], shell: 'sh', ...posix },
  { program: 'mksh', args: [], shell: 'sh', ...posix },
  { program: 'ksh', args: [], shell: 'sh', ...posix },
  { program: 'yash', args: [], shell: 'sh', ...posix },
  {
    program: 'fish',
    args: ['--no-config'],
    shell: 'fish',
    begin: '',
    load: (file) => `source ${file}`,
    say: 'function say; for v in VIRTUAL_ENV VIRTUAL_ENV_PROMPT; set -q $v; or set -f $v none; end; echo $argv[1] $VIRTUAL_ENV $VIRTUAL_ENV_PROMPT $PATH[1]; end',
    read: (environment) => `set -gx VIRTUAL_ENV ${environment}`,
  },
  {
    program: 'xonsh',
    args: ['--no-rc'],
    shell: 'xonsh',
    begin: '',
    load: (file) => `execx(open(${JSON.stringify(file)}).read())`,
    say: `def say(label):\n    print(label, __xonsh__.env.get('VIRTUAL_ENV', 'none'), __xonsh__.env.get('VIRTUAL_ENV_PROMPT', 'none'), $PATH[0], flush=True)`,
    call: (label) => `say('${label}')`,
    read: (environment) => `$VIRTUAL_ENV = '${environment}'`,
  },
]

for (const { program, args, shell, load, say, begin, call = (label: string) => `say ${label}`, read } of cases) {
  const file = findShell(program)
  const skip = file === undefined ? { skip: `NOT TESTED: ${program} is not installed, so its hook was not tried` } : {}
  test(`hook of ${[program, ...args].join(' ')}: the environment follows the directory`, skip, (t) => {
    const { root, hook, env } = machine(t)
    const steps: readonly (readonly [string, string])[] = [
      ['one/src/deep', 'deep'],
      ['one', 'up'],
      ['two/src', 'two'],
      ['stranger', 'stranger'],
      ['50% off', 'percent'],
      ['.', 'out'],
    ]
    const code = [
      begin,
      say,
      load(hook(shell).replaceAll(' ', '\\ ')),
      ...steps.flatMap(([directory, label]) => [`cd '${path.join(root, directory)}'`, call(label)]),
      `cd '${path.join(root, 'one')}'`,
      'deactivate',
      `cd '${path.join(root, 'one/src')}'`,
      call('left-by-hand'),
      `cd '${root}'`,
      `cd '${path.join(root, 'one')}'`,
      call('again'),
      // By hand, from here on: the hook keeps off.
      'deactivate',
      read('/by/hand'),
      `cd '${path.join(root, 'two')}'`,
      call('by-hand'),
    ]
    const script = path.join(root, 'test-script')
    fs.writeFileSync(script, `${code.join('\n')}\n`)
    const result = runShell([file!, ...args, script], { cwd: root, env })
    const one = path.join(root, 'one/.venv')
    const two = path.join(root, 'two/envs/x')
    const sale = path.join(root, '50% off/.venv')
    assert.deepEqual(result.stdout.trimEnd().split('\n'), [
      `deep ${one} one ${one}/bin`,
      `up ${one} one ${one}/bin`,
      `two ${two} it's $(touch canary) ${two}/bin`,
      'stranger none none /usr/bin',
      `percent ${sale} 50% off ${sale}/bin`,
      'out none none /usr/bin',
      'left-by-hand none none /usr/bin',
      `again ${one} one ${one}/bin`,
      'by-hand /by/hand none /usr/bin',
    ])
    if (shell !== 'xonsh') assert.equal(result.stderr, '')
    assert.ok(!fs.existsSync(path.join(root, 'canary')), 'something of a checkout was executed')
  })
}

test('hook of nushell: the environment follows the directory, at a terminal', async (t) => {
  const file = findShell('nu')
  if (file === undefined) return t.skip('NOT TESTED: nushell is not installed, so its hook was not tried')
  const { root, hook, env } = machine(t)
  const lines = [
    `source ${hook('nushell')}`,
    ...['one/src/deep', 'two', 'stranger', '.'].flatMap((directory) => [
      `cd "${path.join(root, directory)}"`,
      `$"at<($env.VIRTUAL_ENV? | default none | path basename)|($env.PATH | first)>" | save --append ${path.join(root, 'log')}; "\\n" | save --append ${path.join(root, 'log')}`,
    ]),
  ]
  const shown = await interact([file, '--no-config-file'], lines, {
    cwd: root,
    env: { ...env, TERM: 'xterm' },
    mark: (index) => `print $"mark-(${index})-"`,
  })
  const log = fs.existsSync(path.join(root, 'log')) ? fs.readFileSync(path.join(root, 'log'), 'utf8') : shown
  assert.equal(
    log,
    `at<.venv|${root}/one/.venv/bin>\nat<x|${root}/two/envs/x/bin>\nat<none|/usr/bin>\nat<none|/usr/bin>\n`,
    shown,
  )
})

test("the hook leaves another user's environment inactive, even one it knows", (t) => {
  if (process.getuid?.() !== 0) return t.skip('NOT TESTED: only root can give a directory to another user')
  const { root, hook, env } = machine(t)
  fs.chownSync(path.join(root, 'one/.venv'), 12345, 12345)
  const code = `eval "$(cat ${hook('bash')})"; cd one; echo "\${VIRTUAL_ENV-none}"`
  assert.equal(runShell(['bash', '--norc', '-c', code], { cwd: root, env }).stdout, 'none\n')
})

test('the hook says once, on a terminal, why it leaves an environment inactive', async (t) => {
  const { root, hook, env } = machine(t)
  const lines = [`eval "$(cat ${hook('bash')})"`, 'cd stranger', 'cd ..', 'cd stranger']
  const shown = await interact(['bash', '--norc', '-i'], lines, { cwd: root, env })
  assert.equal(shown.split('den has not made it on this machine').length - 1, 1, shown)
  assert.match(shown, /If you trust it: den hook allow/)
})

test('a shell started inside takes over from the hook of the outer one, also where it leaves', (t) => {
  const { root, hook, env } = machine(t)
  const inner = `eval "$(cat ${hook('bash')})"; echo "$VIRTUAL_ENV"; cd ..; echo "\${VIRTUAL_ENV-none} $PATH"`
  const outer = `eval "$(cat ${hook('bash')})"; cd one; bash --norc -c '${inner.replaceAll("'", "'\\''")}'`
  const result = runShell(['bash', '--norc', '-c', outer], { cwd: root, env })
  assert.equal(result.stdout, `${root}/one/.venv\nnone ${startPath}\n`, result.stderr)
})

test('the hook keeps the status of the last command, other hooks of the prompt, and is there once when read twice', async (t) => {
  const { root, hook, env } = machine(t)
  const load = `eval "$(cat ${hook('bash')})"`
  const lines = [
    `PROMPT_COMMAND='last=$?'`,
    load,
    load,
    'cd one',
    '(exit 7)',
    'echo "status=$last commands=$PROMPT_COMMAND"',
  ]
  const shown = await interact(['bash', '--norc', '-i'], lines, { cwd: root, env })
  assert.match(shown, /status=\d+ commands=_den_hook;last=\$\?\n/, shown)
  const status = runShell(['bash', '--norc', '-c', `${load}; f () { return 7; }; f; _den_hook; echo $?`], {
    cwd: root,
    env,
  })
  assert.equal(status.stdout, '7\n')
})

test('the hook starts no program: entering and leaving are done by the shell alone', (t) => {
  const strace = findShell('strace')
  if (strace === undefined) return t.skip('NOT TESTED: strace is not installed')
  for (const [program, args, shell] of [
    ['bash', ['--norc'], 'bash'],
    ['zsh', ['-f'], 'zsh'],
    ['dash', [], 'sh'],
    ['fish', ['--no-config'], 'fish'],
  ] as const) {
    const file = findShell(program)
    if (file === undefined) {
      t.diagnostic(`NOT TESTED: ${program} is not installed`)
      continue
    }
    const { root, hook, env } = machine(t)
    const source = shell === 'fish' ? 'source' : '.'
    const script = path.join(root, 'test-script')
    const log = path.join(root, 'trace')
    fs.writeFileSync(
      script,
      `${source} ${hook(shell)}\ncd ${root}/one/src\ncd ${root}/two\ncd ${root}\ncd ${root}/one\n`,
    )
    const traced = runShell([strace, '-f', '-o', log, '-e', 'trace=execve,fork,vfork', file, ...args, script], {
      cwd: root,
      env,
    })
    if (traced.code !== 0 && !fs.existsSync(log))
      return t.skip(`NOT TESTED: strace may not trace here: ${traced.stderr}`)
    const programs = fs
      .readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => / execve\(/.test(line) && / = 0$/.test(line))
    assert.equal(programs.length, 1, `${program} started programs:\n${programs.join('\n')}`)
  }
})

test('10,000 prompts in one directory cost the hook of bash well under a tenth of a second', (t) => {
  const { root, hook, env } = machine(t)
  const code = [
    `eval "$(cat ${hook('bash')})"; cd one`,
    'loop () { local i; for ((i = 0; i < 10000; i++)); do "$1"; done; }; nothing () { :; }',
    'a=${EPOCHREALTIME/[.,]/}; loop nothing; b=${EPOCHREALTIME/[.,]/}; loop _den_hook; c=${EPOCHREALTIME/[.,]/}',
    'echo $(( (c - b) - (b - a) ))',
  ].join('\n')
  const times = [1, 2, 3].map(() => Number(runShell(['bash', '--norc', '-c', code], { cwd: root, env }).stdout))
  t.diagnostic(`microseconds for 10,000 prompts beyond an empty function: ${times.join(', ')}`)
  // 0.02 to 0.05 s here; the bound leaves room for a busy machine.
  assert.ok(Math.min(...times) < 200_000, `took ${Math.min(...times)} µs`)
})
