// The peers' flags: each one stands in docs/reference/flags-of-the-peers.md, is known to den, and is read as the peer reads it.
// The peers are those of DEN_PEERS (a venv directory with uv and virtualenv).

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { peerTables } from '../../../scripts/peer-flags.ts'
import { isDenError } from '../../../src/base/error.ts'
import { type Command, type Option, spellings } from '../../../src/cli/options/option.ts'
import { parseArguments } from '../../../src/cli/options/parse.ts'
import { peerCommands } from '../../../src/cli/options/peers.ts'
import { peerProgram, skipWithout } from '../../kit/oracle.ts'
import { pythons } from '../../kit/pythons.ts'

const skip = skipWithout(['uv', 'virtualenv'], 'agreement of the tables of flags with uv and virtualenv')

function run(command: string, args: readonly string[], input?: string): string {
  const done = spawnSync(command, args, {
    encoding: 'utf8',
    input,
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', COLUMNS: '200', NO_COLOR: '1' },
  })
  assert.equal(done.error, undefined)
  return done.stdout
}

function documented(peer: string): ReadonlySet<string> {
  const table = peerTables.find((each) => each.peer === peer)
  assert.ok(table !== undefined, peer)
  return new Set(table.rows.flatMap(({ flags }) => flags))
}

function command(name: string): Command {
  return peerCommands.find((each) => each.name === name)!
}

/** Every option string that an argparse help text defines: the words before the description of each entry. */
function optionsOfArgparse(help: string): readonly string[] {
  const entries = help.split('\n').filter((line) => /^ {2}-/.test(line))
  return entries.flatMap((line) => line.split(/ {2,}/)[1]!.match(/(?<=^|[ ,])--?[A-Za-z][\w-]*/g) ?? [])
}

/** A script whose `python` runs `main` with the parser's answers printed instead of acted upon. */
const venvProbe = `
import json, sys, venv
class Seen(Exception): pass
def record(**options):
    raise Seen(options)
class Builder:
    def __init__(self, **options): self.options = options
    def create(self, directory):
        seen.append(directory)
venv.EnvBuilder = lambda **options: made.append(options) or Builder(**options)
import io, contextlib
answers = []
for argv in json.load(sys.stdin):
    made, seen = [], []
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            venv.main(argv)
        options = made[0]
        options['scm_ignore_files'] = sorted(options['scm_ignore_files'])
        answers.append({'dirs': seen, 'options': options})
    except SystemExit as exit:
        answers.append(exit.code)
    except ValueError as error:
        answers.append('ValueError')
json.dump(answers, sys.stdout)
`

/** A seeded generator: the same cases every time. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function venvCases(): readonly (readonly string[])[] {
  const next = random(7)
  const words = [
    '--system-site-packages',
    '--system',
    '--sys',
    '--s',
    '--symlinks',
    '--sym',
    '--copies',
    '--cop',
    '--c',
    '--clear',
    '--cl',
    '--upgrade',
    '--upgrade-deps',
    '--upgrade-d',
    '--up',
    '--without-pip',
    '--without',
    '--without-s',
    '--without-scm-ignore-files',
    '--prompt',
    '--prompt=x',
    '--p=y',
    '--pro',
    '--prompt=',
    'one',
    'two',
    '-',
    '--',
    '-x',
    '--nothing',
    '-1',
    'a b',
    '--clear=1',
  ]
  return Array.from({ length: 1500 }, () => Array.from({ length: 1 + next(5) }, () => words[next(words.length)]!))
}

function standTogether(argv: readonly string[], operands: readonly string[]): boolean {
  const words = argv.filter((word) => word !== '--')
  return words.some((_, start) => operands.every((operand, index) => words[start + index] === operand))
}

test('den venv reads command lines as python -m venv does', async (t) => {
  const newest = pythons()
    .filter(({ version }) => /^3\.1[3-9]/.test(version))
    .at(-1)
  if (newest === undefined) {
    t.skip('no Python of 3.13 or newer: the grammar of den venv was not compared with it')
    return
  }
  const cases = venvCases()
  const answers = JSON.parse(run(newest.executable, ['-c', venvProbe], JSON.stringify(cases))) as readonly (
    | number
    | string
    | { readonly dirs: readonly string[]; readonly options: Readonly<Record<string, unknown>> }
  )[]
  const { options } = command('venv')
  let agreed = 0
  for (const [index, argv] of cases.entries()) {
    const answer = answers[index]!
    const line = argv.join(' ')
    try {
      const { given, operands } = parseArguments({ argv, options, grammar: 'argparse', command: 'den venv' })
      const said = Object.fromEntries([...given].map(([option, value]) => [option.name, value]))
      // Without a directory den makes .venv; both at once is refused later, by both.
      if (operands.length === 0 || (said['upgrade'] === true && said['clear'] === true)) continue
      // argparse takes all directories at the first place where there are some: it refuses those after a later option, and a `--`
      // after them. den takes both.
      if (answer === 2 && (argv.includes('--') || !standTogether(argv, operands))) continue
      assert.ok(typeof answer === 'object', `${line}: den accepts it, venv answers ${JSON.stringify(answer)}`)
      assert.deepEqual(operands, answer.dirs, line)
      const flag = (name: string): boolean => said[name] === true
      assert.deepEqual(
        {
          system_site_packages: flag('system-site-packages'),
          clear: flag('clear'),
          symlinks: !flag('copies'),
          upgrade: flag('upgrade'),
          with_pip: !flag('without-pip'),
          prompt: said['prompt'] ?? null,
          upgrade_deps: flag('upgrade-deps'),
          scm_ignore_files: flag('without-scm-ignore-files') ? [] : ['git'],
        },
        answer.options,
        line,
      )
      agreed += 1
    } catch (error) {
      if (!isDenError(error)) throw error
      assert.equal(answer, 2, `${line}: den says ${error.message}`)
      agreed += 1
    }
  }
  assert.ok(agreed > 1000, `${agreed} cases compared`)
})

test('den venv has every flag of the newest python -m venv, and the table says what each does', async (t) => {
  const newest = pythons()
    .filter(({ version }) => version.startsWith('3.'))
    .at(-1)
  if (newest === undefined) {
    t.skip('no Python 3: the table of venv’s flags was not compared with it')
    return
  }
  const theirs = optionsOfArgparse(run(newest.executable, ['-m', 'venv', '--help']))
  assert.ok(theirs.includes('--system-site-packages'))
  checkFlags('venv', theirs)
})

test('den virtualenv has every flag of virtualenv, and the table says what each does', { skip }, () => {
  const theirs = optionsOfArgparse(run(peerProgram('virtualenv'), ['--help']))
  assert.ok(theirs.includes('--extra-search-dir'))
  checkFlags('virtualenv', theirs)
})

test('every flag of uv venv is in the table', { skip }, () => {
  const help = run(peerProgram('uv'), ['help', 'venv'])
  const theirs = [...help.matchAll(/^ {2,6}(-\w, )?(--[a-z][\w-]*)/gm)].flatMap(([, short, long]) => [
    ...(short === undefined ? [] : [short.slice(0, 2)]),
    long!,
  ])
  assert.ok(theirs.includes('--relocatable'), help)
  const known = documented('uv venv')
  assert.deepEqual(
    theirs.filter((flag) => !known.has(flag)),
    [],
  )
})

test('den virtualenv has the activators and creators that virtualenv offers', { skip }, () => {
  const help = run(peerProgram('virtualenv'), ['--help']).replaceAll(/\s+/g, ' ')
  const creators = /--creator \{([^}]*)\}/.exec(help)![1]!.split(',')
  const activators = /default is all supported \(default: ([^)]*)\)/.exec(help)![1]!.replaceAll(' ', '').split(',')
  const choices = (name: string): readonly string[] =>
    command('virtualenv').options.find((option) => option.name === name)!.choices!
  for (const creator of creators) assert.ok(choices('creator').includes(creator), creator)
  for (const activator of activators) assert.ok(choices('activators').includes(activator), activator)
})

test('no flag is documented that den venv or den virtualenv does not take', () => {
  for (const name of ['venv', 'virtualenv']) {
    const own = new Set(command(name).options.flatMap(spellings))
    const flags = [...documented(name)].filter((flag) => flag.startsWith('-'))
    assert.deepEqual(
      flags.filter((flag) => !own.has(flag)),
      [],
      name,
    )
  }
})

function checkFlags(name: string, theirs: readonly string[]): void {
  const known = documented(name)
  const options: readonly Option[] = command(name).options
  const own = new Set(options.filter(({ addition }) => !addition).flatMap(spellings))
  assert.deepEqual(
    theirs.filter((flag) => !known.has(flag)),
    [],
    'not in the table',
  )
  assert.deepEqual(
    theirs.filter((flag) => !own.has(flag)),
    [],
    'unknown to den',
  )
}
