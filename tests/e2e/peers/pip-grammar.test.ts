// pip's command line, read as pip reads it: thousands of generated argv, with variables and a configuration file, given to den's parser
// and to pip's own (in the Python of DEN_PEERS). Accepted and refused alike, and with equal values.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../../src/base/error.ts'
import { additionalOptions } from '../../../src/cli/compat/pip/additions.ts'
import { type PipOption, pipCommands, pipVersion } from '../../../src/cli/compat/pip/grammar.ts'
import { optionsOfCommand, parsePipLine, pipExitCode } from '../../../src/cli/compat/pip/parse.ts'
import { pipConfigItems, readPipConfig } from '../../../src/config/pip-config.ts'
import type { PipConfigHost } from '../../../src/config/pip-config-files.ts'
import { defaultHost } from '../../../src/host/default-host.ts'
import { realFiles } from '../../../src/host/files.ts'
import { oracleText, peerProgram, skipWithout } from '../../kit/oracle.ts'
import { scratch } from '../../kit/scratch.ts'

const skip = skipWithout(['pip'], 'agreement with pip about its grammar')

const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', NO_COLOR: '1', PIP_CONFIG_FILE: '/dev/null', TZ: 'UTC' }

interface Case {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly config?: string
}

/** A seeded generator: the same cases every time. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const next = random(26)
const pick = <Value>(values: readonly Value[]): Value => values[next(values.length)]!

const usual = [
  'x',
  'a.b',
  '',
  '-1',
  '--',
  '-',
  'a b',
  'pkg',
  ':all:',
  ':none:',
  'A_b,c.D',
  ':all:,x',
  'k=v',
  '~/p',
  '~',
]
const byKind: Readonly<Record<string, readonly string[]>> = {
  int: ['5', '0', '007', '08', '0x1f', '0b101', '1_0', ' 3 ', '-2', '+4', 'five', '', '1.5', '0x', '0b'],
  float: ['15', '1.5', '.5', '5.', '1e3', 'inf', '-inf', ' 2 ', 'x', '', '1_0.5'],
  'python-version': ['3', '37', '3.7', '3.7.3', '3.7.3.1', '', '3.x', '310', 'abc'],
  'config-settings': ['a=b', 'a=c', 'a', '=x', 'b=', 'a=b=c'],
  'dependency-group': [
    'dev',
    'pyproject.toml:dev',
    'sub/pyproject.toml:t',
    'x.toml:dev',
    'pylock.toml:a',
    'pylock.x.toml:a',
  ],
  'uploaded-prior-to': [
    '2023-01-01',
    '2023-01-01T00:00:00Z',
    '2023-02-30',
    '20230105T101112',
    '2023-W05-3',
    'yesterday',
    '2023-01-01 10:00+02:00',
    '2023-01-01T10',
    '',
  ],
  'no-cache-dir': ['1', 'no', 'perhaps'],
}

function valueFor(option: PipOption): string {
  if (next(4) === 0) return pick(usual)
  if (option.choices !== undefined) return pick([...option.choices, 'other', ''])
  return pick(byKind[option.callback ?? ''] ?? byKind[option.type ?? ''] ?? usual)
}

function written(option: PipOption): string[] {
  const spelling = pick(option.spellings)
  if (!spelling.startsWith('--')) {
    if (option.type === undefined) return [pick([spelling, `${spelling}${spelling[1]!.repeat(next(3))}`])]
    return next(2) === 0 ? [spelling, valueFor(option)] : [`${spelling}${valueFor(option)}`]
  }
  // Often a beginning only.
  const name = next(3) === 0 ? spelling.slice(0, 3 + next(spelling.length - 2)) : spelling
  if (option.type === undefined) return [next(12) === 0 ? `${name}=1` : name]
  return next(2) === 0 ? [`${name}=${valueFor(option)}`] : next(15) === 0 ? [name] : [name, valueFor(option)]
}

const names = Object.keys(pipCommands)

/** Without what den has added, which pip refuses. */
function pipsOptions(command: string): readonly PipOption[] {
  const added = additionalOptions[command] ?? []
  return optionsOfCommand(command)!.filter((option) => !added.includes(option))
}

function oneCase(): Case {
  const command = pick(names)
  const options = pipsOptions(command)
  const general = pipsOptions('check')
  const before = Array.from({ length: next(4) === 0 ? 1 + next(2) : 0 }, () => written(pick(general))).flat()
  const after = Array.from({ length: next(5) }, () =>
    next(4) === 0
      ? [pick(['six', 'a==1', './x', '--', '-', '', '-Z', '--nothing', 'install', '-vvq', '-h', '--version'])]
      : written(pick(options)),
  ).flat()
  const word = next(60) === 0 ? pick(['instal', 'help', 'pip', '']) : command
  return { argv: [...before, word, ...after] }
}

/** Values in variables and in pip.conf, whose items den is handed in pip's order. */
function configuredCase(): Case {
  const base = oneCase()
  const command = pick(names)
  const options = pipsOptions(command)
  const items: { readonly key: string; readonly value: string; readonly section: string }[] = []
  const seen = new Set<string>()
  for (let count = 1 + next(4); count > 0; count -= 1) {
    const option = pick(options)
    // pip takes the word of `bash = yes` for the shell's name; den passes over it.
    if (option.action === 'store_const') continue
    const key = pick(option.spellings.filter((each) => each.startsWith('--'))).slice(2)
    const flag = option.type === undefined
    const value = flag ? pick(['yes', 'no', '1', '0', 'True', 'off', '2', 'maybe', '']) : valueFor(option)
    const section = pick(['global', command, ':env:'])
    if (key === 'help' || key === 'version' || /\n/.test(value) || seen.has(`${section} ${key}`)) continue
    seen.add(`${section} ${key}`)
    items.push({ key, value, section })
  }
  const lines = (section: string): string =>
    [
      `[${section}]`,
      ...items.filter((item) => item.section === section).map(({ key, value }) => `${key} = ${value}`),
    ].join('\n')
  const variables = items.filter(({ section }) => section === ':env:')
  return {
    argv: base.argv.map((each) => (names.includes(each) ? command : each)),
    env: Object.fromEntries(
      variables.map(({ key, value }) => [`PIP_${key.toUpperCase().replaceAll('-', '_')}`, value]),
    ),
    config: `${lines('global')}\n${lines(command)}\n`,
  }
}

const host = { home: '/nonexistent', cwd: process.cwd(), path: path.posix, now: () => 0 } as const

/** A machine that has this one file and these variables. */
function configHost({ env: variables = {}, config }: Case): PipConfigHost {
  const files = { '/pip.conf': config }
  const text = (place: string): string | undefined => files[place as keyof typeof files]
  return {
    ...defaultHost({ env: { ...variables, PIP_CONFIG_FILE: config === undefined ? '/dev/null' : '/pip.conf' } }),
    ...host,
    platform: 'linux',
    files: {
      ...realFiles,
      stat: (place) => (text(place) === undefined ? undefined : realFiles.stat(import.meta.filename)),
      readBytes: (place) => (text(place) === undefined ? undefined : new TextEncoder().encode(text(place))),
    },
  }
}

function denAnswer(one: Case): Record<string, unknown> {
  try {
    const line = parsePipLine({
      argv: one.argv,
      host,
      program: 'pip',
      configured: (command, isolated) => pipConfigItems(readPipConfig(configHost(one), { isolated }), command),
    })
    if (line.kind !== 'command') return { ...line }
    return { kind: line.kind, command: line.command, options: plain(line.options), operands: line.operands }
  } catch (error) {
    if (!isDenError(error)) throw error
    return { kind: 'refused', exit: pipExitCode(error) }
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => [key, plain(each)]),
    )
  }
  return value
}

/** Empty sets are what pip has from the start and den leaves out; a moment that depends on now is compared by being there. */
function comparable(answer: Record<string, unknown>): Record<string, unknown> {
  const { options } = answer
  if (typeof options !== 'object') return answer.kind === 'refused' ? { kind: 'refused', exit: answer.exit } : answer
  const kept = Object.entries(options as Record<string, unknown>)
    .filter(([name, value]) => !(name === 'refresh_package' && (value as readonly unknown[]).length === 0))
    .filter(([, value]) => {
      const sides = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : [1]
      return !sides.every((side) => Array.isArray(side) && side.length === 0)
    })
    .map(([name, value]) => [name, value === true ? 1 : value === false && name !== 'cache_dir' ? 0 : value])
  return { ...answer, options: Object.fromEntries(kept) }
}

function compare(cases: readonly Case[]): void {
  const oracle = path.join(import.meta.dirname, 'pip_grammar_oracle.py')
  const text = oracleText([oracle], cases, { env })
  const answers = JSON.parse(text.replace(/(?<=: )-?Infinity/g, (word) => `"${word}"`)) as readonly Record<
    string,
    unknown
  >[]
  const counts = new Map<string, number>()
  const differences: string[] = []
  for (const [index, one] of cases.entries()) {
    const theirs = comparable(answers[index]!)
    const mine = comparable(denAnswer(one))
    counts.set(String(theirs.kind), (counts.get(String(theirs.kind)) ?? 0) + 1)
    try {
      assert.deepEqual(mine, theirs)
    } catch {
      differences.push(`${JSON.stringify(one)}\n  pip: ${JSON.stringify(theirs)}\n  den: ${JSON.stringify(mine)}`)
    }
  }
  assert.equal(
    differences.length,
    0,
    `${differences.length} of ${cases.length}:\n${differences.slice(0, 8).join('\n')}`,
  )
  assert.ok((counts.get('command') ?? 0) > cases.length / 5, JSON.stringify([...counts]))
  assert.ok((counts.get('refused') ?? 0) > cases.length / 10, JSON.stringify([...counts]))
}

test('grammar.ts is what scripts/pip-grammar.py makes of this pip', { skip }, (t) => {
  const version = spawnSync(peerProgram('python'), ['-c', 'import pip; print(pip.__version__)'], {
    encoding: 'utf8',
    env,
  }).stdout.trim()
  if (version !== pipVersion) {
    t.skip(`DEN_PEERS has pip ${version}, the table is ${pipVersion}'s`)
    return
  }
  const made = path.join(scratch(t), 'grammar.ts')
  const script = path.resolve(import.meta.dirname, '../../../scripts/pip-grammar.py')
  const done = spawnSync(peerProgram('python'), [script, made], { encoding: 'utf8', env })
  assert.equal(done.status, 0, done.stderr)
  const table = path.resolve(import.meta.dirname, '../../../src/cli/compat/pip/grammar.ts')
  assert.equal(fs.readFileSync(made, 'utf8'), fs.readFileSync(table, 'utf8'))
})

test('pip’s command lines are accepted, refused and understood as pip does it', { skip }, () => {
  compare(Array.from({ length: 4000 }, oneCase))
})

test('pip’s variables and files count as they count for pip', { skip }, () => {
  compare(Array.from({ length: 2000 }, configuredCase))
})
