// Completion in the real shells: what pressing Tab offers, and that it runs nothing.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { denCommand, denEnvironment } from '../kit/den.ts'
import { scratch } from '../kit/scratch.ts'

function without(shell: string): string | false {
  const there = spawnSync(shell, ['--version'], { stdio: 'ignore' }).error === undefined
  return there ? false : `NOT TESTED: completion in ${shell}, which is not installed`
}

interface Place {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** A folder with a `den` on PATH, a named environment `science`, and a few names to complete. */
function place(t: TestContext): Place {
  const root = scratch(t, { 'work/plain dir/x': '', 'work/file.txt': '', bin: undefined })
  const words = denCommand().map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
  fs.writeFileSync(path.join(root, 'bin', 'den'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  const env = denEnvironment(root, { PATH: `${path.join(root, 'bin')}:${process.env['PATH']}`, TERM: 'dumb' })
  const cwd = path.join(root, 'work')
  const made = spawnSync('den', ['create', '-n', 'science'], { cwd, env, encoding: 'utf8' })
  assert.equal(made.status, 0, made.stderr)
  return { cwd, env }
}

function run({ cwd, env }: Place, shell: string, args: readonly string[]): string {
  const done = spawnSync(shell, args, { cwd, env, encoding: 'utf8', timeout: 30_000 })
  assert.equal(done.error, undefined)
  assert.equal(done.stderr, '')
  return done.stdout
}

/** What bash would put into COMPREPLY; words are divided at `=` as bash divides them. */
function bash(at: Place, line: string): readonly string[] {
  const script = `
    eval "$(den completions bash)"
    line=$1
    read -ra COMP_WORDS <<<"\${line//=/ = }"
    case $line in *[\\ =]) COMP_WORDS+=("") ;; esac
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _den
    printf '%s\\n' "\${COMPREPLY[@]}"`
  return run(at, 'bash', ['--norc', '-c', script, '_', line])
    .split('\n')
    .filter((each) => each !== '')
}

test('bash completes commands, options, values and environments', { skip: without('bash') }, (t) => {
  const at = place(t)
  assert.deepEqual(bash(at, 'den cre'), ['create'])
  assert.deepEqual(bash(at, 'den create --link-mode=c'), ['clone', 'copy'])
  assert.deepEqual(bash(at, 'den create --link-mode='), ['auto', 'clone', 'hardlink', 'copy', 'instant'])
  assert.deepEqual(bash(at, 'den run -n sc'), ['science'])
  assert.deepEqual(bash(at, 'den env re'), ['remove'])
  assert.ok(bash(at, 'den create -p ').length > 0)
})

test('bash runs nothing of an unfinished line', { skip: without('bash') }, (t) => {
  const at = place(t)
  bash(at, 'den run $(touch pwned) `touch pwned` ;touch pwned; cre')
  assert.ok(!fs.existsSync(path.join(at.cwd, 'pwned')))
})

/** `complete -C` prints what fish would offer. */
function fish(at: Place, line: string): readonly string[] {
  const script = 'den completions fish | source; complete -C $argv[1]'
  return run(at, 'fish', ['-N', '-c', script, line])
    .split('\n')
    .filter((each) => each !== '')
}

test('fish completes commands, options, values, environments and directories', { skip: without('fish') }, (t) => {
  const at = place(t)
  assert.deepEqual(fish(at, 'den cre'), ['create\tMake an environment: .venv here, or a named one'])
  assert.deepEqual(fish(at, 'den create --link-mode=c'), ['--link-mode=clone', '--link-mode=copy'])
  assert.ok(fish(at, 'den explain ').includes('science\tnamed environment'))
  assert.ok(fish(at, 'den -C ').some((each) => each.startsWith('plain dir/')))
  assert.ok(!fish(at, 'den -C ').some((each) => each.startsWith('file.txt')))
  assert.deepEqual(fish(at, 'den completions z'), ['zsh'])
})

/** What zsh lists below the line, through a terminal of its own (zpty). */
function zsh(at: Place, line: string): string {
  const script = `
    zmodload zsh/zpty
    zpty z zsh -f -i
    zpty -w z 'PROMPT=; unsetopt zle_bracketed_paste prompt_sp; autoload -U compinit; compinit -u -D; bindkey "^I" list-choices; eval "$(den completions zsh)"; echo READY$((1+1))'
    while zpty -r z line; do [[ $line == *READY2* ]] && break; done
    zpty -w -n z "$1"$'\\t'
    integer i=0
    out=
    # The list is there when the terminal has gone back up to the line.
    while ((i++ < 400)); do
      if zpty -r -t z line; then out+=$line; else sleep 0.02; fi
      [[ $out == *$'\\e['[0-9]#A* ]] && break
    done
    print -r -- "$out"
    zpty -d z`
  const done = spawnSync('zsh', ['-f', '-c', `setopt extended_glob; ${script}`, '_', line], {
    cwd: at.cwd,
    env: { ...at.env, TERM: 'xterm' },
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(done.error, undefined, done.stderr)
  return done.stdout.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').replaceAll('\r', '')
}

test('zsh completes commands, values, environments and directories', { skip: without('zsh') }, (t) => {
  const at = place(t)
  assert.match(zsh(at, 'den cre'), /create\s+-- Make an environment/)
  assert.match(zsh(at, 'den create --link-mode=c'), /clone\s+copy/)
  assert.match(zsh(at, 'den explain '), /science\s+-- named environment[\s\S]*plain\\ dir/)
})

test('the PowerShell code is answered', { skip: without('pwsh') }, (t) => {
  const at = place(t)
  const script =
    '& den completions powershell | Out-String | Invoke-Expression; (TabExpansion2 "den create --link-mode c" 24).CompletionMatches | ForEach-Object CompletionText'
  assert.deepEqual(run(at, 'pwsh', ['-NoProfile', '-Command', script]).trim().split(/\r?\n/), ['clone', 'copy'])
})
