// What `den pip install` would install beside what pip would: the same index, the same things installed before, the same command lines,
// some thought out and some drawn. Where den is other on purpose stands in `differences`.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { den, runProgram } from '../../kit/den.ts'
import { type ServedFile, servedWheel, serveIndex } from '../../kit/index-server.ts'
import { distInfo } from '../../kit/installed.ts'
import { peerPackages, skipWithout } from '../../kit/oracle.ts'
import { pythonOr } from '../../kit/pythons.ts'
import { scratch, writeTree } from '../../kit/scratch.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../../kit/wheel.ts'

const skip = skipWithout(['pip'], 'agreement with pip about what it would install')

/** "name version": what it requires, and what each of its extras does. */
const universe: Readonly<Record<string, readonly string[]>> = {
  'app 1.0': ['base>=1', 'tool; extra == "more"'],
  'app 1.1': ['base>=1,<3', 'tool<3; extra == "more"', 'plug; extra == "all"', 'app[more]; extra == "all"'],
  'app 2.0': ['base>=2', 'tool; extra == "more"', 'plug>=2; extra == "all"'],
  'app 3.0rc1': ['base>=3'],
  'base 1.0': [],
  'base 2.0': ['leaf'],
  'base 2.5': ['leaf>=2'],
  'base 3.0': ['leaf>=2', 'other; sys_platform == "nowhere"'],
  'tool 1.0': ['leaf<2'],
  'tool 2.0': ['leaf'],
  'tool 3.0': ['leaf>=2', 'base>=3'],
  'leaf 1.0': [],
  'leaf 2.0': [],
  'leaf 2.1': [],
  'plug 1.0': ['app<2'],
  'plug 2.0': ['app>=1.1', 'lib[fast]'],
  'lib 1.0': ['leaf; extra == "fast"'],
  'lib 1.5': ['leaf<2; extra == "fast"'],
  'lib 2.0': ['leaf>=2; extra == "fast"', 'gone; extra == "broken"'],
  'pre 1.0a1': [],
  'pre 1.0b2': ['leaf'],
  'wants-pre 1.0': ['pre'],
  'wants-pre 2.0': ['mix>=2.0rc1'],
  'mix 1.0': [],
  'mix 2.0rc1': [],
  'mix 2.0rc2': [],
  'old 1.0': ['leaf==1.0'],
  'old 2.0': ['leaf==1.0', 'base<2'],
  'yank 1.0': [],
  'yank 2.0': ['leaf'],
  'only-yanked 1.0': [],
  'pins-yanked 1.0': ['only-yanked==1.0'],
  'ring-a 1.0': ['ring-b'],
  'ring-b 1.0': ['ring-a>=1'],
  'python-new 1.0': [],
  'python-new 2.0': [],
}
const yanked: Readonly<Record<string, string | true>> = { 'yank 2.0': 'it broke', 'only-yanked 1.0': true }

function wheelOf(key: string): WheelInput {
  const [name = '', version = ''] = key.split(' ')
  const requires = universe[key]!
  const extras = new Set(requires.flatMap((line) => /extra == "(.*)"/.exec(line)?.[1] ?? []))
  const requiresPython = key === 'python-new 2.0' ? '>=3.99' : undefined
  return {
    name,
    version,
    requires,
    ...(requiresPython === undefined ? {} : { requiresPython }),
    metadata: [
      'Metadata-Version: 2.1',
      `Name: ${name}`,
      `Version: ${version}`,
      ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
      ...[...extras].map((extra) => `Provides-Extra: ${extra}`),
      ...requires.map((line) => `Requires-Dist: ${line}`),
      '',
      '',
    ].join('\n'),
  }
}

const files: readonly ServedFile[] = Object.keys(universe).map((key) => {
  const reason = yanked[key]
  return servedWheel(wheelOf(key), reason === undefined ? {} : { yanked: reason })
})

/** What is installed, and the command lines that are tried there. `@wheel:app 1.0` is the address of a wheel that no index has. */
const thoughtOut: readonly { readonly installed: readonly string[]; readonly lines: readonly string[] }[] = [
  {
    installed: [],
    lines: [
      'app',
      'app[more]',
      'app[all]',
      'app[all,more]<2',
      'app[nothing]',
      'app>=1 base<3',
      'app app>=1.1 app<2',
      '--pre app',
      '--pre wants-pre',
      'app==3.0rc1',
      'app>=3.0rc1',
      'app>2',
      'pre',
      'pre<1.0b1',
      'wants-pre',
      'wants-pre<2',
      'mix',
      'mix>=2.0rc1',
      'mix>=2',
      'yank',
      'yank==2.0',
      'yank>=2',
      'yank===2.0',
      'only-yanked',
      'pins-yanked',
      'pins-yanked only-yanked',
      'ring-a',
      'lib[fast] old',
      'lib[broken]',
      'lib[broken]<2',
      'tool old',
      'old tool<3',
      'python-new',
      'python-new>=2',
      '--ignore-requires-python python-new',
      '--no-deps app',
      '--no-deps app[more] lib',
      '--only-deps app',
      '--only-deps app[more] tool',
      '--only-deps app base',
      'absent',
      'app absent',
      '@wheel:app 1.0',
      '@wheel:app 1.0 app',
      '@wheel:app 1.0 app>=2',
      '@wheel:app 1.0 @wheel:app 2.0',
      'app @ @wheel:app 1.0',
      'app[more] @ @wheel:app 2.0',
      '@wheel:plug 2.0',
      '-c constraint:base<2.5 app',
      '-c constraint:base<1 app',
      '-c constraint:leaf==2.0 app tool',
      '-c constraint:app<2 plug',
      '-c constraint:other>9 app',
      '-c constraint:lib@@wheel:lib 1.0 plug',
      '-c constraint:mix==2.0rc1 mix',
      '-c constraint:base<2.5 -c constraint:base>1 app',
    ],
  },
  {
    installed: ['app 1.0', 'base 1.0'],
    lines: [
      'app',
      'app>=1',
      'app>=1.1',
      'app[more]',
      'app[all]',
      '-U app',
      '-U app[more]',
      '-U --upgrade-strategy eager app',
      '-U --upgrade-strategy only-if-needed app<2',
      '-U --upgrade-strategy eager app<2',
      '--upgrade-strategy eager app',
      '-U base',
      'base<1',
      'base>=3',
      'tool',
      '--force-reinstall app',
      '--force-reinstall --no-deps app',
      '-I app',
      '-I tool<3',
      '-U --no-deps app',
      '--only-deps app',
      '-U --only-deps app',
      '-U --pre app',
      '-c constraint:app<2 -U app',
      '-c constraint:base>=2 app',
      '-c constraint:base>=2 plug',
      '@wheel:app 1.0',
      '@wheel:app 1.1',
      'app==1.0 base==2.0',
      'ring-a app',
    ],
  },
  {
    installed: ['leaf 1.0', 'base 2.0', 'tool 1.0', 'old 1.0'],
    lines: [
      'lib[fast]',
      'lib[fast]>=2',
      'tool[x]',
      '-U tool',
      '-U tool base',
      'app',
      '-U --upgrade-strategy eager old tool',
      '-U leaf',
      'leaf>=2',
      'plug',
    ],
  },
  {
    installed: ['mix 2.0rc1', 'yank 2.0', 'only-yanked 1.0'],
    lines: [
      'mix',
      '-U mix',
      '-U --pre mix',
      'yank',
      '-U yank',
      'only-yanked',
      '-U only-yanked',
      'wants-pre',
      'yank<2',
      '--force-reinstall yank',
    ],
  },
]

/** Where den is other than pip, and why. */
const differences: Readonly<Record<string, string>> = {
  'pins-yanked only-yanked':
    'pip looks at what the command line asks for by itself first; den at all that is asked of a project',
  'app[more]   (beside app 1.0, base 1.0)': 'what is installed and will do goes before a newer release of a dependency',
}

/** The same draws each time. */
function* draws(seed: number): Generator<number> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state / 2 ** 32
  }
}

function drawn(installed: readonly string[], count: number, seed: number): readonly string[] {
  const stream = draws(seed)
  const draw = <One>(list: readonly One[]): One => list[Math.floor(stream.next().value! * list.length)]!
  const names = [
    'app',
    'app[more]',
    'app[all]',
    'base',
    'tool',
    'leaf',
    'plug',
    'lib[fast]',
    'lib',
    'old',
    'mix',
    'ring-a',
  ]
  const limits = ['', '', '', '>=1', '>=2', '<2', '==2.0', '!=2.0', '<3,>=1', '~=2.0']
  const options = [
    '',
    '',
    '',
    '-U ',
    '-U --upgrade-strategy eager ',
    '--no-deps ',
    '--force-reinstall ',
    '-I ',
    '--pre ',
  ]
  const constraints = ['', '', '', '-c constraint:leaf<2 ', '-c constraint:base<3 ', '-c constraint:app!=2.0 ']
  return Array.from({ length: count }, () => {
    const wanted = Array.from({ length: 1 + Math.floor(stream.next().value! * 2) }, () => draw(names) + draw(limits))
    return (
      draw(installed.length === 0 ? ['', '', '--pre ', '--no-deps '] : options) + draw(constraints) + wanted.join(' ')
    )
  })
}

interface Answer {
  readonly installs?: readonly unknown[]
  readonly refused?: string
}

test('den pip install would install what pip would', { skip, timeout: 900_000 }, async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const root = scratch(t)
  const index = await serveIndex(t, files)
  for (const name of ['pip', 'wheels', 'constraints']) fs.mkdirSync(path.join(root, name))
  fs.symlinkSync(path.join(peerPackages('pip')!, 'pip'), path.join(root, 'pip', 'pip'))
  const addressOf = (key: string): string => {
    const wheel = wheelOf(key)
    const file = path.join(root, 'wheels', wheelFilename(wheel))
    fs.writeFileSync(file, buildWheel(wheel))
    return pathToFileURL(file).href
  }
  let written = 0
  const words = (line: string): string[] =>
    line
      .replace(/@wheel:(\S+ [^\s]+)/g, (_, key: string) => addressOf(key))
      .replace(/constraint:(\S+)/g, (_, text: string) => {
        written += 1
        const file = path.join(root, 'constraints', `${written}.txt`)
        fs.writeFileSync(file, `${text.replace(/^(\w+)@/, '$1 @ ')}\n`)
        return file
      })
      .split(/ (?!@ )(?<!@ )/)

  const places = [
    ...thoughtOut.map(({ installed, lines }, at) => ({
      installed,
      lines: [...lines, ...drawn(installed, 25, at + 1)],
    })),
  ]
  const told: string[] = []
  let compared = 0
  for (const [number, { installed, lines }] of places.entries()) {
    const environment = path.join(root, `env-${number}`)
    const made = await runProgram(python.executable, ['-m', 'venv', '--without-pip', environment], { cwd: root })
    assert.equal(made.code, 0, made.stderr)
    const site = path.join(environment, 'lib', 'python3.12', 'site-packages')
    for (const key of installed) {
      const { name, version, metadata } = wheelOf(key)
      writeTree(site, distInfo({ name, version, headers: metadata!.split('\n').slice(3, -2) }))
    }
    const given = lines.map((line) => ['--index-url', index.url, ...words(line)])
    const theirs = await askPip(root, environment, given)
    for (const [at, line] of lines.entries()) {
      const mine = await askDen(root, environment, given[at]!)
      const their = theirs[at]!
      compared += 1
      const where = installed.length === 0 ? line : `${line}   (beside ${installed.join(', ')})`
      if (where in differences) continue
      const [a, b] = [their, mine].map(({ installs }) =>
        installs === undefined ? 'refused' : JSON.stringify(installs),
      )
      if (a !== b)
        told.push(`${where}\n  pip: ${a}\n  den: ${b}${mine.refused === undefined ? '' : `\n${mine.refused}`}`)
    }
  }
  assert.equal(told.join('\n'), '', `${told.length} of ${compared} differ`)
})

async function askPip(
  root: string,
  environment: string,
  lines: readonly (readonly string[])[],
): Promise<readonly Answer[]> {
  const reports = path.join(root, `reports-of-${path.basename(environment)}`)
  fs.mkdirSync(reports)
  const oracle = path.join(import.meta.dirname, 'resolve_pip_oracle.py')
  // Not spawnSync: the index is in this process.
  const { code, stdout, stderr } = await runProgram(
    path.join(environment, 'bin', 'python'),
    ['-B', oracle, path.join(root, 'pip'), reports],
    {
      cwd: root,
      input: JSON.stringify(lines),
      env: {
        PIP_CONFIG_FILE: '/dev/null',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        PIP_NO_INPUT: '1',
        PIP_CACHE_DIR: path.join(root, 'pip-cache'),
      },
    },
  )
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as readonly Answer[]
}

interface Reported {
  readonly metadata: { readonly name: string; readonly version: string }
  readonly requested: boolean
  readonly requested_extras?: readonly string[]
  readonly is_direct: boolean
  readonly is_yanked: boolean
}

async function askDen(root: string, environment: string, args: readonly string[]): Promise<Answer> {
  const report = path.join(root, 'report.json')
  fs.rmSync(report, { force: true })
  const command = ['pip', '--python', path.join(environment, 'bin', 'python'), 'install', '--dry-run', '--quiet']
  const run = await den([...command, '--report', report, ...args], {
    cwd: root,
    env: { PIP_CONFIG_FILE: '/dev/null' },
  })
  if (run.code !== 0) return { refused: run.stderr }
  const { install } = JSON.parse(fs.readFileSync(report, 'utf8')) as { readonly install: readonly Reported[] }
  return {
    installs: install
      .map((one) => [
        one.metadata.name,
        one.metadata.version,
        one.requested,
        [...(one.requested_extras ?? [])].sort(),
        one.is_direct,
        one.is_yanked,
      ])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
  }
}
