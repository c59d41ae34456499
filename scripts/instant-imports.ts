// Whether packages behave in an instant environment as in an ordinary one: the current wheels of the projects in tests/instant/projects.txt
// are installed into one of each, every module is imported and every console script asked for its help, and what differs is printed.
//
//   node scripts/instant-imports.ts [--python PYTHON] [--part I/N] [--den DEN] [NAME…]
//
// It asks the index that pip's settings name for each project, so it is run by hand, in parts; the outcome is in docs/internals/instant.md.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const words = process.argv.slice(2)
const option = (name: string): string | undefined => {
  const at = words.indexOf(name)
  return at === -1 ? undefined : words.splice(at, 2)[1]
}
const den = option('--den') ?? path.join(root, 'dist', 'den')
const python = option('--python') ?? '3.12'
const [part = 1, parts = 1] = (option('--part') ?? '1/1').split('/').map(Number)
const names = fs
  .readFileSync(path.join(root, 'tests', 'instant', 'projects.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const chosen = words.length > 0 ? words : names.filter((_, index) => index % parts === part - 1)

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'den-instant-'))
process.once('exit', () => {
  spawnSync('chmod', ['-R', 'u+w', work])
  fs.rmSync(work, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number | null
  readonly text: string
}

function run(command: string, args: readonly string[], timeout = 60_000): Outcome {
  const done = spawnSync(command, args, {
    cwd: work,
    encoding: 'utf8',
    timeout,
    input: '',
    killSignal: 'SIGKILL',
    env: {
      ...process.env,
      HOME: path.join(work, 'home'),
      DEN_HOME: path.join(work, 'den'),
      COLUMNS: '100',
      TERM: 'dumb',
      NO_COLOR: '1',
      MPLBACKEND: 'agg',
    },
  })
  return { code: done.status, text: `${done.stdout}${done.stderr}` }
}

/** What is imported, and which scripts there are, by what the distribution says of itself. */
const survey = `
import importlib.metadata as m, json, sys
d = m.distribution(sys.argv[1])
tops = set()
inner = set()
for f in d.files or []:
    p = f.parts
    if p[0] in ('..', '__pycache__') or p[0].endswith('.dist-info'): continue
    if len(p) == 1 and p[0].endswith('.py'): tops.add(p[0][:-3])
    elif len(p) == 1 and '.' in p[0] and p[0].endswith('.so'): tops.add(p[0].split('.')[0])
    elif len(p) == 2 and p[1].split('.')[0] == '__init__': tops.add(p[0])
    elif len(p) == 3 and p[2].split('.')[0] == '__init__': inner.add((p[0], p[1]))
# Of namespaces, the packages in them.
tops |= {a + '.' + b for a, b in inner if a not in tops and a.isidentifier() and b.isidentifier()}
print(json.dumps([sorted(t for t in tops if t.replace('.', '').isidentifier()), sorted(e.name for e in d.entry_points if e.group == 'console_scripts')]))
`

/** The same words wherever the environment stands and however long it took. */
function plain(text: string): string {
  return (
    text
      .replaceAll(path.join(work, 'den', 'store'), 'STORE')
      .replace(/STORE\/v1\/trees\/[0-9a-f]{64}\/tree/g, 'ENV/lib/SITE')
      .replaceAll(environment, 'ENV')
      // sys.path[0] of a script is where it really stands.
      .replace(/ENV\/\.den\/generations\/\d+\//g, 'ENV/')
      .replace(/ENV\/lib\/python[\d.]+\/site-packages/g, 'ENV/lib/SITE')
      .replace(/0x[0-9a-f]+/g, '0x')
      .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,\d]*/g, 'TIME')
      .replace(/\b\d+(?:\.\d+)? ?(?:ms|s|seconds)\b/g, 'DURATION')
  )
}

/** Modules and scripts. */
type Questions = readonly [readonly string[], readonly string[]]

interface Looked {
  /** What failed before anything could be looked at. */
  readonly failed?: string
  readonly questions: Questions
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/** Both stand at one path, one after the other: help names it, breaks lines in the middle of it, and is indented by its length. */
const environment = path.join(work, 'environment')

function look(name: string, mode: 'hardlink' | 'instant', asked?: Questions): Looked {
  fs.rmSync(environment, { recursive: true, force: true })
  const outcomes = new Map<string, Outcome>()
  const created = run(den, ['create', '-q', '-p', python, '--seed', 'none', '--link-mode', mode, environment])
  const args = ['pip', '--python', environment, 'install', '-q', '--only-binary', ':all:', name]
  const made = created.code === 0 ? run(den, args, 300_000) : created
  const nothing = (failed: string): Looked => ({ failed, questions: [[], []], outcomes })
  if (made.code !== 0) return nothing(made.text.split('\n').slice(0, 2).join(' '))
  let questions = asked
  if (questions === undefined) {
    // Asked of the ordinary one: an instant one's metadata lists links, not what is behind them.
    const found = run(path.join(environment, 'bin', 'python'), ['-c', survey, name])
    if (found.code !== 0) return nothing(found.text.trim())
    questions = JSON.parse(found.text) as Questions
  }
  const [tops, commands] = questions
  const ask = (what: string, program: string, words: readonly string[], wholly: boolean): void => {
    const { code, text } = run(path.join(environment, 'bin', program), words, 90_000)
    const said = plain(text)
    outcomes.set(`${name}: ${what}`, { code, text: wholly ? said : (said.trim().split('\n').at(-1) ?? '') })
  }
  for (const top of tops) ask(`import ${top}`, 'python', ['-W', 'ignore', '-c', `import ${top}`], false)
  for (const command of commands) ask(`${command} --help`, command, ['--help'], true)
  return { questions, outcomes }
}

/** Both texts from the first line that is not the same, as far as it takes to see what it is. */
function fromTheDifference(one: Outcome, other: Outcome): string {
  const [a, b] = [one.text.split('\n'), other.text.split('\n')]
  const start = Math.max(
    a.findIndex((line, index) => line !== b[index]),
    0,
  )
  const show = (code: number | null, lines: readonly string[]): string =>
    `${code}: ${lines.slice(start, start + 3).join('\n    ')}`
  return `  ordinary ${show(one.code, a)}\n  instant  ${show(other.code, b)}`
}

let modules = 0
let scripts = 0
let same = 0
let works = 0
const different: string[] = []
const left: string[] = []
for (const name of chosen) {
  const ordinary = look(name, 'hardlink')
  if (ordinary.failed !== undefined) {
    left.push(`${name}: ${ordinary.failed}`)
    continue
  }
  const instant = look(name, 'instant', ordinary.questions)
  if (instant.failed !== undefined) different.push(`${name}: only into an ordinary environment: ${instant.failed}`)
  else
    for (const [what, one] of ordinary.outcomes) {
      const other = instant.outcomes.get(what)!
      if (one.code === 0) works += 1
      if (one.code === other.code && one.text === other.text) same += 1
      else different.push(`${what}\n${fromTheDifference(one, other)}`)
    }
  const [tops, commands] = ordinary.questions
  modules += tops.length
  scripts += commands.length
  process.stderr.write(`${name}: ${tops.length} modules, ${commands.length} scripts\n`)
}
process.stdout.write(
  [
    `${chosen.length} projects, ${chosen.length - left.length} installed; ${modules} modules imported, ${scripts} scripts asked`,
    `the same: ${same}; different: ${different.length}; ended with 0 in the ordinary environment: ${works}`,
    ...different,
    ...(left.length === 0 ? [] : ['not installed:', ...left.map((line) => `  ${line}`)]),
    '',
  ].join('\n'),
)
process.exitCode = different.length === 0 ? 0 : 1
