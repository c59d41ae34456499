// Activation scripts in the real shells: names that a careless script would execute, strict modes, prompts on a terminal, moves,
// switches, edits of PATH, and scripts that were run instead of read.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { activationEntries } from '../../src/env/activation.ts'
import { cshQuote, fishQuote, nuQuote, posixQuote, powershellQuote, xonshQuote } from '../../src/env/quote.ts'
import { type Cleanup, scratch, writeTree } from '../kit/scratch.ts'
import { findShell, interact, runShell, shellEnv } from '../kit/shells.ts'

const touch = 'touch canary'
const names = [
  'plain',
  'with space',
  "single'quote",
  'double"quote',
  '$HOME',
  `\`${touch}\``,
  'back\\slash\\n\\$x',
  'ünïcode',
  'emoji😀',
  `;${touch};`,
  'bang!!!$',
  '%s%n%1v%(!.a.b)',
  '-x',
  '*',
  `$(${touch})`,
  `"$(${touch})"`,
  `'$(${touch})'`,
  `& ${touch} &`,
  '${IFS}',
  '#hash',
  '~',
  '[a]{b,c}?',
  '=ls',
  '@PROMPT@@SCRIPTS@',
  '^x^',
  '(v)',
  '‘curly’',
]

interface EnvironmentOptions {
  readonly prompt?: string
  readonly relocatable?: boolean
}

/** An environment as far as activation is concerned: its scripts, pyvenv.cfg, and a python that says where it is. */
function environment(root: string, options: EnvironmentOptions = {}): string {
  const place = (...parts: readonly string[]): string => path.join(root, ...parts)
  const site = place('lib', 'python3.13', 'site-packages')
  const paths = {
    root,
    scripts: place('bin'),
    python: place('bin', 'python'),
    purelib: site,
    platlib: site,
    include: place('include'),
    data: root,
  }
  fs.mkdirSync(place('bin'), { recursive: true })
  writeTree(root, { 'pyvenv.cfg': 'home = /usr/bin\n', 'bin/python': '#!/bin/sh\nprintf "ran %s\\n" "$0"\n' })
  fs.chmodSync(place('bin', 'python'), 0o755)
  for (const entry of activationEntries({ root, paths, platform: 'linux', ...options })) {
    assert.equal(entry.kind, 'file')
    fs.writeFileSync(place(entry.path), entry.text, { mode: entry.mode ?? 0o644 })
  }
  return root
}

/** How a shell's language says what the tests say. Each function gives lines of code. */
interface Language {
  readonly script: string
  readonly quote: (text: string) => string
  readonly read: (script: string) => string
  readonly begin: string
  /** Prints VIRTUAL_ENV, VIRTUAL_ENV_PROMPT, PATH, PYTHONHOME, what `python` says; "unset" for what isn't there. */
  readonly show: string
  /** Prints the prompt as a value. */
  readonly showPrompt?: string
  /** PATH gets /first in front and /last at the end. */
  readonly edit: string
  /** PATH is as it was at the beginning. */
  readonly reset: string
  /** Sets the prompt to "P> ". */
  readonly prompt: string
  /** Prints `mark-INDEX-`, where that isn't echo with a pair of quotes in the word. */
  readonly mark?: (index: number) => string
}

const posix: Language = {
  script: 'activate',
  quote: posixQuote,
  read: (script) => `. ${script}`,
  begin: `PS1='P> '; PYTHONHOME=/ph; export PYTHONHOME; P0=$PATH`,
  show: [
    `printf '%s\\n' "\${VIRTUAL_ENV-unset}" "\${VIRTUAL_ENV_PROMPT-unset}" "$PATH" "\${PYTHONHOME-unset}"`,
    '{ [ -n "${VIRTUAL_ENV-}" ] && python; } || echo none',
  ].join('\n'),
  showPrompt: `printf '%s\\n' "$PS1"`,
  edit: 'PATH=/first:$PATH:/last',
  reset: 'PATH=$P0',
  prompt: `PS1='P> '`,
}

const fish: Language = {
  script: 'activate.fish',
  quote: fishQuote,
  read: (script) => `source ${script}`,
  begin: `set -gx PYTHONHOME /ph; set P0 $PATH; function fish_prompt; echo 'P> '; end`,
  show: [
    'for v in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PATH PYTHONHOME; if set -q $v; string join : -- $$v; else; echo unset; end; end',
    'if set -q VIRTUAL_ENV; python; else; echo none; end',
  ].join('\n'),
  showPrompt: 'fish_prompt',
  edit: 'set PATH /first $PATH /last',
  reset: 'set -gx PATH $P0',
  prompt: `function fish_prompt; echo -n 'P> '; end`,
}

const csh: Language = {
  script: 'activate.csh',
  quote: cshQuote,
  read: (script) => `source ${script}`,
  begin: `set prompt = 'P> '; setenv PYTHONHOME /ph; set P0 = "$PATH:q"`,
  show: [
    ...['VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PATH', 'PYTHONHOME'].map(
      (name) => `if ($?${name}) then\nprintenv ${name}\nelse\necho unset\nendif`,
    ),
    'if ($?VIRTUAL_ENV) then\npython\nelse\necho none\nendif',
  ].join('\n'),
  edit: 'setenv PATH "/first:${PATH:q}:/last"',
  reset: 'setenv PATH "$P0:q"',
  prompt: `set prompt = 'P> '`,
}

const nushell: Language = {
  script: 'activate.nu',
  quote: nuQuote,
  read: (script) => `overlay use ${script}`,
  begin: `$env.PYTHONHOME = '/ph'; $env.P0 = $env.PATH; $env.PROMPT_COMMAND = {|| 'P> ' }`,
  show: [
    `for v in [VIRTUAL_ENV VIRTUAL_ENV_PROMPT PATH PYTHONHOME] { print ($env | get --optional $v | default unset | if ($in | describe) =~ list { str join ':' } else { $in }) }`,
    `print (if VIRTUAL_ENV in $env { ^python | str trim } else { 'none' })`,
  ].join('\n'),
  showPrompt: 'print (do $env.PROMPT_COMMAND)',
  edit: '$env.PATH = ($env.PATH | prepend /first | append /last)',
  reset: '$env.PATH = $env.P0',
  prompt: `$env.PROMPT_COMMAND = {|| 'P' }; $env.PROMPT_COMMAND_RIGHT = ''`,
  mark: (index) => `print $"mark-(${index})-"`,
}

const xonsh: Language = {
  script: 'activate.xsh',
  quote: xonshQuote,
  read: (script) => `aliases['source']([${script}])`,
  begin: `$PYTHONHOME = '/ph'\nP0 = list($PATH)`,
  show: [
    `for v in ('VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PATH', 'PYTHONHOME'):`,
    `    print(':'.join(map(str, __xonsh__.env['PATH'])) if v == 'PATH' else __xonsh__.env.get(v, 'unset'), flush=True)`,
    `if 'VIRTUAL_ENV' in __xonsh__.env:`,
    `    python`,
    `else:`,
    `    print('none', flush=True)`,
  ].join('\n'),
  edit: `$PATH.insert(0, '/first'); $PATH.append('/last')`,
  reset: '$PATH = P0',
  prompt: `$PROMPT = '{env_name}P> '`,
  mark: (index) => `echo @("mark" + "-${index}-")`,
}

const powershell: Language = {
  script: 'Activate.ps1',
  quote: powershellQuote,
  read: (script) => `. ${script}`,
  begin: `function global:prompt { 'P> ' }; $env:PYTHONHOME = '/ph'; $P0 = $env:PATH`,
  show: [
    `foreach ($v in 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PATH', 'PYTHONHOME') { if (Test-Path Env:$v) { (Get-Item Env:$v).Value } else { 'unset' } }`,
    `if ($env:VIRTUAL_ENV) { python } else { 'none' }`,
  ].join('\n'),
  showPrompt: 'prompt',
  edit: `$env:PATH = '/first:' + $env:PATH + ':/last'`,
  reset: '$env:PATH = $P0',
  prompt: `function global:prompt { 'P> ' }`,
  mark: (index) => `'mark' + '-${index}-'`,
}

interface ShellCase {
  readonly program: string
  readonly args: readonly string[]
  readonly language: Language
  /** What makes the shell strict, if it has such modes. */
  readonly strict?: string
  /** Arguments for a terminal. */
  readonly interactive?: readonly string[]
  /** Names that this shell can't have on PATH, where it refuses with a sentence. */
  readonly cannot?: (name: string) => boolean
}

const cases: readonly ShellCase[] = [
  { program: 'bash', args: ['--norc'], language: posix, strict: 'set -euo pipefail', interactive: ['--norc', '-i'] },
  { program: 'bash', args: ['--posix'], language: posix, strict: 'set -eu', interactive: ['--posix', '--norc', '-i'] },
  { program: 'zsh', args: ['-f'], language: posix, strict: 'setopt nounset err_exit', interactive: ['-f', '-i', '+Z'] },
  {
    program: 'zsh',
    args: ['-f', '-o', 'ksh_arrays', '-o', 'prompt_subst', '-o', 'sh_word_split'],
    language: posix,
    strict: 'setopt nounset err_exit',
    interactive: ['-f', '-o', 'ksh_arrays', '-o', 'prompt_subst', '-i', '+Z'],
  },
  { program: 'dash', args: [], language: posix, strict: 'set -eu', interactive: ['-i'] },
  { program: 'busybox', args: ['sh'], language: posix, strict: 'set -eu', interactive: ['sh', '-i'] },
  { program: 'mksh', args: [], language: posix, strict: 'set -eu', interactive: ['-i'] },
  { program: 'ksh', args: [], language: posix, strict: 'set -eu', interactive: ['-i'] },
  { program: 'yash', args: [], language: posix, strict: 'set -eu', interactive: ['--norcfile', '-i'] },
  { program: 'fish', args: ['--no-config'], language: fish, interactive: ['--no-config', '-i'] },
  { program: 'tcsh', args: ['-f'], language: csh, interactive: ['-f', '-i'] },
  { program: 'bsd-csh', args: ['-f'], language: csh, interactive: ['-f', '-i'] },
  { program: 'nu', args: ['--no-config-file'], language: nushell, interactive: ['--no-config-file'] },
  {
    program: 'pwsh',
    args: ['-NoProfile', '-NonInteractive', '-File'],
    language: powershell,
    interactive: ['-NoProfile', '-NoLogo'],
  },
  {
    program: 'xonsh',
    args: ['--no-rc'],
    language: xonsh,
    interactive: ['--no-rc', '-i'],
    // It expands these in every entry of PATH, quoted or not.
    cannot: (name) => /\$(?:\w|\{)/.test(name),
  },
]

/** A test in one shell; skips loudly where that isn't installed. */
function inShell(shell: ShellCase, title: string, body: (t: Cleanup, file: string) => void | Promise<void>): void {
  const file = findShell(shell.program)
  const label = [shell.program, ...shell.args].join(' ')
  test(
    `${label}: ${title}`,
    file === undefined
      ? { skip: `NOT TESTED: ${shell.program} is not installed, so its activation was not tried` }
      : {},
    (t) => body(t, file!),
  )
}

function run(shell: ShellCase, file: string, directory: string, code: string, env: Record<string, string> = {}) {
  // PowerShell insists on the ending.
  const script = path.join(directory, shell.language === powershell ? 'test-script.ps1' : 'test-script')
  fs.writeFileSync(script, code)
  return runShell([file, ...shell.args, script], { cwd: directory, env: shellEnv(directory, env) })
}

const startPath = '/usr/bin:/bin'

for (const shell of cases) {
  const { language } = shell
  const active = (root: string, name: string): string[] => [
    root,
    name,
    `${root}/bin:${startPath}`,
    'unset',
    `ran ${root}/bin/python`,
  ]

  inShell(shell, 'activates and deactivates whatever the directory or the prompt is called', (t, file) => {
    const directory = scratch(t)
    const usable = names.filter((name) => shell.cannot?.(name) !== true)
    const environments = [
      ...usable.map((name, index) => ({ root: environment(path.join(directory, `${index}`, name)), name })),
      ...names.map((name, index) => ({
        root: environment(path.join(directory, `prompt-${index}`), { prompt: name }),
        name,
      })),
    ]
    const code = [shell.strict ?? '', language.begin]
    const expected: string[] = []
    for (const { root, name } of environments) {
      const script = language.quote(path.join(root, 'bin', language.script))
      code.push(
        language.read(script),
        language.show,
        language.read(script),
        language.edit,
        'deactivate',
        language.show,
        language.reset,
      )
      expected.push(...active(root, name), 'unset', 'unset', `/first:${startPath}:/last`, '/ph', 'none')
    }
    const result = run(shell, file, directory, `${code.join('\n')}\n`)
    assert.equal(result.stderr, '')
    assert.deepEqual(result.stdout.trimEnd().split('\n'), expected)
    assert.equal(result.code, 0)
    assert.ok(!fs.existsSync(path.join(directory, 'canary')), 'a name was executed')
  })

  inShell(
    shell,
    'switches between environments and leaves nothing behind, also in a shell started inside',
    (t, file) => {
      const directory = scratch(t)
      const [one, two] = ['one', 'two'].map((name) => environment(path.join(directory, name)))
      const script = (root: string): string => language.quote(path.join(root, 'bin', language.script))
      const switched = run(
        shell,
        file,
        directory,
        `${[language.begin, language.read(script(one!)), language.read(script(two!)), language.show, 'deactivate', language.show].join('\n')}\n`,
      )
      assert.deepEqual(switched.stdout.trimEnd().split('\n'), [
        ...active(two!, 'two'),
        'unset',
        'unset',
        startPath,
        '/ph',
        'none',
      ])
      const inherited = { VIRTUAL_ENV: one!, VIRTUAL_ENV_PROMPT: 'one', PATH: `/x:${one}/bin:${startPath}` }
      const inside = run(
        shell,
        file,
        directory,
        `${[language.begin, language.read(script(two!)), language.show, 'deactivate', language.show].join('\n')}\n`,
        inherited,
      )
      assert.deepEqual(inside.stdout.trimEnd().split('\n'), [
        ...[two, 'two', `${two}/bin:/x:${startPath}`, 'unset', `ran ${two}/bin/python`],
        ...['unset', 'unset', `/x:${startPath}`, '/ph', 'none'],
      ])
      assert.equal(inside.stderr, '')
    },
  )

  inShell(shell, 'is right after a move, and in a copy while the original is still there', (t, file) => {
    for (const relocatable of [false, true]) {
      const directory = scratch(t)
      const old = environment(path.join(directory, 'old'), { relocatable })
      const copy = path.join(directory, "co py's")
      fs.cpSync(old, copy, { recursive: true })
      const moved = path.join(directory, 'moved here')
      const script = (root: string): string => language.quote(path.join(root, 'bin', language.script))
      const copied = run(
        shell,
        file,
        directory,
        `${language.begin}\n${language.read(script(copy))}\n${language.show}\n`,
      )
      assert.deepEqual(copied.stdout.trimEnd().split('\n'), active(copy, "co py's"))
      fs.renameSync(old, moved)
      const after = run(
        shell,
        file,
        directory,
        `${language.begin}\n${language.read(script(moved))}\n${language.show}\n`,
      )
      assert.deepEqual(after.stdout.trimEnd().split('\n'), active(moved, 'moved here'))
      assert.equal(after.stderr, '')
    }
  })

  if (language.showPrompt !== undefined) {
    inShell(shell, 'shows the name once, unless VIRTUAL_ENV_DISABLE_PROMPT is set', (t, file) => {
      const directory = scratch(t)
      const root = environment(path.join(directory, '.venv'))
      const script = language.quote(path.join(root, 'bin', language.script))
      const code = [
        language.begin,
        language.read(script),
        language.read(script),
        language.showPrompt,
        'deactivate',
        language.showPrompt,
      ]
      const title = path.basename(directory)
      const lines = (env: Record<string, string>): string[] =>
        run(shell, file, directory, `${code.join('\n')}\n`, env)
          .stdout.trimEnd()
          .split('\n')
          .map((line) => line.trimEnd())
      assert.deepEqual(lines({}), [`(${title}) P>`, 'P>'])
      assert.deepEqual(lines({ VIRTUAL_ENV_DISABLE_PROMPT: '1' }), ['P>', 'P>'])
    })
  }
}

// They mostly wait, so that several go at a time.
describe('at a terminal', { concurrency: 4 }, () => {
  for (const shell of cases) {
    const { language, interactive } = shell
    if (interactive === undefined) continue
    inShell(shell, 'draws every name on a terminal without executing it', async (t, file) => {
      const directory = scratch(t)
      const roots = names.map((name, index) => environment(path.join(directory, `${index}`), { prompt: name }))
      const lines = [
        language.prompt,
        ...roots.map((root) => language.read(language.quote(path.join(root, 'bin', language.script)))),
        'deactivate',
      ]
      const shown = await interact([file, ...interactive], lines, {
        cwd: directory,
        env: shellEnv(directory),
        ...(language.mark === undefined ? {} : { mark: language.mark }),
      })
      assert.ok(!fs.existsSync(path.join(directory, 'canary')), 'drawing a prompt executed a name')
      // busybox and yash decode backslashes, xonsh braces, once more after everything else; nothing is executed by that.
      const decoded = { busybox: /\\/, yash: /\\/, xonsh: /[{}]/ }[shell.program]
      assert.deepEqual(
        names.filter((name) => !shown.includes(`(${name}) P> `) && decoded?.test(name) !== true),
        [],
        shown,
      )
      assert.match(shown.slice(shown.lastIndexOf(`mark-${lines.length - 1}-`)), /^mark-\d+-[^()]*P> /)
    })
  }
})

test('activate, run instead of read, says what to type in the shell it was typed in', (t) => {
  const directory = scratch(t)
  environment(path.join(directory, 'env'))
  environment(path.join(directory, "it's"))
  const typed = (program: string, args: readonly string[], code: string) => {
    const file = findShell(program)
    if (file === undefined) {
      t.diagnostic(`NOT TESTED: ${program} is not installed`)
      return undefined
    }
    return runShell([file, ...args, code], { cwd: directory, env: shellEnv(directory) })
  }
  const says = (line: string): string =>
    `activate: this file has to be read by your shell; run as a program it can change nothing there. Type:\n    ${line}\n`
  const expected: readonly (readonly [string, readonly string[], string])[] = [
    ['bash', ['-c'], 'source env/bin/activate'],
    ['zsh', ['-fc'], 'source env/bin/activate'],
    ['dash', ['-c'], '. env/bin/activate'],
    ['mksh', ['-c'], '. env/bin/activate'],
    ['ksh', ['-c'], '. env/bin/activate'],
    ['yash', ['-c'], '. env/bin/activate'],
  ]
  for (const [program, args, line] of expected) {
    const result = typed(program, args, 'env/bin/activate; echo "left $?" >&2')
    if (result !== undefined) assert.equal(result.stderr, `${says(line)}left 33\n`, program)
  }
  const fishSays = typed('fish', ['--no-config', '-c'], 'env/bin/activate; echo "left $status" >&2')
  if (fishSays !== undefined)
    assert.ok(fishSays.stderr.startsWith(`${says('source env/bin/activate.fish')}left 33\n`), fishSays.stderr)
  const tcsh = findShell('tcsh')
  if (tcsh !== undefined) {
    const result = runShell([tcsh, '-fc', 'env/bin/activate'], { cwd: directory, env: shellEnv(directory) })
    assert.equal(result.stderr, says('source env/bin/activate.csh'))
    assert.equal(result.code, 33)
  }
  for (const program of ['bash', 'zsh', 'dash', 'mksh', 'ksh', 'yash']) {
    const file = findShell(program)
    if (file === undefined) continue
    // Given to a shell as its script: that shell's parent is the one it was typed in.
    const result = runShell([file, 'env/bin/activate'], { cwd: directory, env: shellEnv(directory) })
    assert.match(result.stderr, /Type:\n {4}(?:\.|source) env\/bin\/activate\n$/, program)
    assert.equal(result.code, 33, program)
    const inside = runShell([file, 'activate'], { cwd: path.join(directory, 'env/bin'), env: shellEnv(directory) })
    assert.match(inside.stderr, /Type:\n {4}(?:\.|source) \.\/activate\n$/, program)
  }
  const quoted = typed('bash', ['-c'], `"it's/bin/activate"; echo "left $?" >&2`)
  assert.equal(quoted?.stderr, `${says(`source 'it'\\''s/bin/activate'`)}left 33\n`)
})

test('activate.fish and activate.xsh, run instead of read, say what to type', (t) => {
  const directory = scratch(t)
  const root = environment(path.join(directory, 'env'))
  for (const [program, args, script] of [
    ['fish', ['--no-config'], 'activate.fish'],
    ['xonsh', ['--no-rc'], 'activate.xsh'],
  ] as const) {
    const file = findShell(program)
    if (file === undefined) {
      t.diagnostic(`NOT TESTED: ${program} is not installed`)
      continue
    }
    const result = runShell([file, ...args, path.join(root, 'bin', script)], {
      cwd: directory,
      env: shellEnv(directory),
    })
    assert.match(result.stderr, /Type:\n {4}source .*bin\/activate\.(?:fish|xsh)\n$/)
    assert.equal(result.code, 33)
  }
})

test('activate refuses, with a sentence, where the shell cannot tell and the place it was written for is gone', (t) => {
  const directory = scratch(t)
  const root = environment(path.join(directory, 'env'), { relocatable: true })
  const text = fs.readFileSync(path.join(root, 'bin/activate'), 'utf8')
  // As on a system without /proc and lsof.
  fs.writeFileSync(
    path.join(root, 'bin/activate'),
    text.replaceAll('/proc/', '/no-proc/').replaceAll('lsof', 'no-lsof'),
  )
  const result = runShell(['dash', '-c', '. env/bin/activate; echo "$?:${VIRTUAL_ENV-unset}:$PATH"'], {
    cwd: directory,
    env: shellEnv(directory),
  })
  assert.equal(result.stdout, `1:unset:${startPath}\n`)
  assert.match(result.stderr, /^activate: this environment was moved/)
})

test('bash restores what it was given: an empty PYTHONHOME, an absent PS1, a PS1 that was not exported, your prompt edits', (t) => {
  const directory = scratch(t)
  const root = environment(path.join(directory, 'env'))
  const bash = (code: string): string =>
    runShell(['bash', '--norc', '-c', code.replaceAll('ACT', `. ${root}/bin/activate`)], {
      cwd: directory,
      env: shellEnv(directory),
    }).stdout.trimEnd()
  assert.equal(
    bash('export PYTHONHOME=; ACT; echo "[${PYTHONHOME-unset}]"; deactivate; echo "[${PYTHONHOME-unset}]"'),
    '[unset]\n[]',
  )
  assert.equal(bash('unset PS1; ACT; echo "${PS1-unset}"; deactivate; echo "${PS1-unset}"'), 'unset\nunset')
  assert.equal(bash('PS1=x; ACT; bash --norc -c \'echo "${PS1-not exported}"\''), 'not exported')
  assert.equal(bash('PS1="> "; ACT; PS1="$PS1[git] "; deactivate; echo "$PS1"'), '> [git]')
  assert.equal(
    bash(
      'ACT; type -t pydoc deactivate; deactivate; type -t pydoc deactivate; set | grep -c -i -E "^_(den|old_virtual)"',
    ),
    'function\nfunction\n0',
  )
  assert.equal(bash('pydoc () { echo mine; }; ACT; deactivate; pydoc'), 'mine')
  assert.equal(
    bash('alias pydoc="echo x"; shopt -s expand_aliases; ACT; deactivate; alias pydoc'),
    "alias pydoc='echo x'",
  )
})

test("activation takes over from another tool's activate, and that one from den's", (t) => {
  const directory = scratch(t)
  const root = environment(path.join(directory, 'env'))
  const other = path.join(directory, 'other')
  const python = ['/usr/bin/python3', '/usr/local/bin/python3'].find((file) => fs.existsSync(file))
  if (python === undefined) return t.skip('NOT TESTED: no python3 to make an environment with venv')
  const made = runShell([python, '-m', 'venv', '--without-pip', other], { cwd: directory, env: shellEnv(directory) })
  assert.equal(made.code, 0, made.stderr)
  const code = [
    'PS1="> "',
    `. ${other}/bin/activate`,
    `. ${root}/bin/activate; echo "$VIRTUAL_ENV $PATH $PS1"`,
    `. ${other}/bin/activate; echo "$VIRTUAL_ENV $PATH $PS1"`,
    'deactivate; echo "${VIRTUAL_ENV-unset} $PATH $PS1"',
  ].join('\n')
  const result = runShell(['bash', '--norc', '-euc', code], { cwd: directory, env: shellEnv(directory) })
  assert.equal(
    result.stdout,
    `${root} ${root}/bin:${startPath} (env) > \n${other} ${other}/bin:${startPath} (other) > \nunset ${startPath} > \n`,
  )
})
