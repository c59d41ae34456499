// `den explain` for people: how an environment works, told with the paths of the reader's own machine. Short sections, plain
// sentences, in the order in which things happen: what is typed, what the shell finds, what Python then does.

import type { ExplainResult } from '../../commands/explain.ts'
import type { PathEntry, StartProblem } from '../../env/explain/entries.ts'
import type { SysPathExplanation } from '../../env/explain/sys-path.ts'
import type { CommandExplanation } from '../../env/explain/which.ts'
import { formatSource } from '../../env/explain/world.ts'
import { type Style, visible } from './style.ts'

export interface RenderExplainOptions {
  /** Also every file and variable, and entries that are not there. */
  readonly verbose?: boolean
  /** The home directory, shown as `~`. */
  readonly home?: string | undefined
  readonly cwd?: string | undefined
}

/** The explanation as text; the last line has no newline. */
export function renderExplain(result: ExplainResult, style: Style, options: RenderExplainOptions = {}): string {
  const shown = shortener(options)
  const sections = [
    subjectSection(result, style, shown),
    commandSection(result, style, shown),
    activationSection(result, style, shown),
    prefixSection(result, style, shown),
    pathSection(result, style, shown, options),
    ...(result.sysPath === undefined ? [] : [doubtSection(result.sysPath, style, shown)]),
    deciderSection(result, style, shown, options),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** Text of the machine made fit to be shown: paths shortened, control characters as escapes. */
type Shorten = (text: string) => string

function shortener({ home, cwd }: RenderExplainOptions): Shorten {
  const roots: (readonly [string, string])[] = []
  if (cwd !== undefined && cwd.length > 1) roots.push([cwd, '.'])
  if (home !== undefined && home.length > 1) roots.push([home, '~'])
  const shorten = (text: string): string =>
    roots.reduce((short, [root, sign]) => {
      const pieces = short.split(root)
      return pieces.reduce((built, piece, index) => {
        if (index === 0) return piece
        // Only a whole path, from its beginning, up to a separator or its end.
        const starts = built === '' || /[\s'"(:=,]$/.test(built)
        const ends = piece === '' || /^[\s/\\'"),:;]/.test(piece)
        return built + (starts && ends ? sign : root) + piece
      }, '')
    }, text)
  return (text) => visible(shorten(text))
}

function subjectSection({ subject, python, problem, sysPath }: ExplainResult, style: Style, shown: Shorten): string[] {
  const lines: string[] = []
  if (subject.kind === 'environment') {
    lines.push(`${style.bold('Environment')} ${style.cyan(shown(subject.root))}`)
    lines.push(
      `  ${makers[subject.madeBy] ?? `made by ${subject.madeBy}`}; ${subject.inside === true ? 'the one this directory is in' : selections[subject.by]}`,
    )
    if (subject.activeElsewhere !== undefined) {
      lines.push(`  ${style.yellow('note:')} another one is active: ${shown(subject.activeElsewhere)}`)
    }
  } else {
    lines.push(`${style.bold('Python')} ${style.cyan(shown(subject.executable))}`)
    lines.push(`  no environment; this Python because: ${shown(subject.because)}`)
  }
  if (python !== undefined) {
    const implementation = python.implementation === 'cpython' ? 'Python' : python.implementation
    const borrowed =
      subject.kind === 'environment' && python.implementation === 'cpython' && python.basePrefix !== subject.root
    const from = borrowed ? `, borrowed from ${shown(python.basePrefix)}: its library is used from there` : ''
    lines.push(`  ${implementation} ${python.version}${from}`)
  }
  if (problem !== undefined) {
    lines.push(`  ${style.red('broken:')} ${shown(problem.text)}`)
    lines.push('  den doctor tells more, den repair mends what can be mended')
  }
  for (const one of sysPath?.problems.filter(({ fatal }) => fatal) ?? []) lines.push(problemLine(one, style, shown))
  return lines
}

const makers: Partial<Record<string, string>> = {
  den: 'made by den',
  venv: 'made by python -m venv',
  virtualenv: 'made by virtualenv',
  uv: 'made by uv',
  conda: "conda's",
  unknown: 'its maker left no mark',
}

const selections = {
  path: 'you named it',
  name: 'a named environment',
  project: "the project's .venv, nearest to this directory",
  VIRTUAL_ENV: 'the active one (VIRTUAL_ENV)',
  CONDA_PREFIX: 'the active one (CONDA_PREFIX)',
} as const

function commandSection({ commands, subject }: ExplainResult, style: Style, shown: Shorten): string[] {
  const lines = [style.bold('What your shell runs now')]
  const width = Math.max(...commands.map(({ name }) => name.length))
  for (const command of commands) {
    const [first, ...rest] = command.files
    const name = style.cyan(command.name.padEnd(width))
    const indent = ' '.repeat(width + 4)
    if (command.before !== undefined) lines.push(`  ${name}  ${style.yellow(shown(beforeText(command.before)))}`)
    if (first === undefined) {
      if (command.before === undefined) lines.push(`  ${name}  ${style.dim('none on PATH')}`)
      continue
    }
    lines.push(`  ${command.before === undefined ? name : ' '.repeat(width)}  ${shown(first.path)}`)
    lines.push(`${indent}${style.dim(shown(first.why))}`)
    if (rest.length > 0)
      lines.push(`${indent}${style.dim(`later on PATH: ${rest.map(({ path }) => shown(path)).join(', ')}`)}`)
  }
  const mismatch = pipMismatch(commands)
  if (mismatch !== undefined) lines.push(`  ${style.yellow('note:')} ${shown(mismatch)}`)
  if (subject.kind === 'environment')
    lines.push(`  ${style.dim('The first match on PATH, from left to right, is the one that runs.')}`)
  return lines
}

function beforeText(before: NonNullable<CommandExplanation['before']>): string {
  switch (before.kind) {
    case 'alias':
      return `an alias for ${before.what}; it goes before PATH`
    case 'function':
      return 'a function of the shell; it goes before PATH'
    case 'hash':
      return `remembered by the shell at ${before.what}; hash -r makes it forget`
  }
}

/** pip that belongs to another Python is the commonest of all confusions. */
function pipMismatch(commands: readonly CommandExplanation[]): string | undefined {
  const first = (name: string): CommandExplanation['files'][number] | undefined =>
    commands.find((command) => command.name === name)?.files[0]
  const python = first('python') ?? first('python3')
  const pip = first('pip') ?? first('pip3')
  if (python?.interpreter === undefined || pip?.interpreter === undefined) return undefined
  const owner = (file: typeof python): string => file.environment ?? directoryOf(file.interpreter!)
  if (owner(python) === owner(pip)) return undefined
  return `pip installs for ${pip.interpreter}, not for the python above; python -m pip is always the right one`
}

function directoryOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, '')
}

function activationSection({ activation, change, subject }: ExplainResult, style: Style, shown: Shorten): string[] {
  const lines = [style.bold('Activation')]
  const mark = activation.kind === 'not-in-effect' || activation.kind === 'gone' ? style.yellow('not in effect: ') : ''
  for (const why of activation.why) lines.push(`  ${mark}${shown(why)}`)
  for (const fix of activation.fix) lines.push(`  ${style.green('fix:')} ${shown(fix)}`)
  if (change === undefined || subject.kind !== 'environment') return lines
  const [own] = change.pathAfter
  const active = activation.kind === 'in-effect' && activation.environment === subject.root
  lines.push(`  Activating ${active ? 'changed' : 'changes'} only variables of your shell, nothing on disk:`)
  lines.push(`    PATH before        ${pathText(change.pathBefore, shown)}`)
  lines.push(`    PATH after         ${style.green(shown(own ?? ''))}:${style.dim('… the same')}`)
  for (const one of change.variables) {
    if (one.name === 'PATH') continue
    const value = one.after === undefined ? 'taken away' : shown(one.after)
    lines.push(`    ${one.name.padEnd(18)} ${value}`)
  }
  lines.push(
    `  ${style.dim("Without activating, the environment's python can be called by its path, or with den run.")}`,
  )
  return lines
}

function pathText(entries: readonly string[], shown: Shorten): string {
  const most = 4
  const more = entries.length > most ? `:… ${entries.length - most} more` : ''
  return entries.slice(0, most).map(shown).join(':') + more
}

/** What getpath and site.py said that makes this Python what it is. */
function marksOf(sysPath: SysPathExplanation): SysPathExplanation['said'] {
  const telling = /the prefix:|base Python is|hands over|standard library is taken|believe|own site\.py/
  return sysPath.said.filter(({ from, effect }) => from.kind !== 'option' && telling.test(effect))
}

function prefixSection({ sysPath, python, outside, subject }: ExplainResult, style: Style, shown: Shorten): string[] {
  if (sysPath === undefined || python === undefined) return []
  const lines = [style.bold('How Python knows where it is')]
  const marks = marksOf(sysPath)
  const around =
    marks.length > 0 || subject.kind === 'python'
      ? ' and looks around from there:'
      : '; nothing around it says otherwise.'
  lines.push(`  It is started as ${shown(sysPath.executable)}${around}`)
  for (const { from, effect } of marks) lines.push(`    ${shown(formatSource(from))} ${style.dim(shown(effect))}`)
  if (subject.kind === 'python' && marks.length === 0) {
    lines.push(
      `    ${style.dim(`no pyvenv.cfg beside it or one level up, so it is no environment; ${shown(sysPath.prefix)} holds its library`)}`,
    )
  }
  const other = subject.kind === 'environment' ? outside : undefined
  const row = (name: string, inside: string, without: string | undefined): string[] => {
    const first = `    ${name.padEnd(24)} ${shown(inside)}`
    return without === undefined || without === inside
      ? [first]
      : [first, `    ${''.padEnd(24)} ${style.dim(`outside: ${shown(without)}`)}`]
  }
  const list = (one: readonly string[] | undefined): string | undefined => one?.join(', ')
  const place =
    other === undefined ? '' : ` (outside: ${shown(other.python.executable)}, Python ${other.python.version})`
  lines.push(`  So this is what it says of itself${style.dim(place)}:`)
  lines.push(...row('sys.prefix', sysPath.prefix, other?.sysPath.prefix))
  if (sysPath.execPrefix !== sysPath.prefix)
    lines.push(...row('sys.exec_prefix', sysPath.execPrefix, other?.sysPath.execPrefix))
  lines.push(...row('sys.base_prefix', sysPath.basePrefix, other?.sysPath.basePrefix))
  if (sysPath.sitePackages !== undefined) {
    lines.push(...row('site.getsitepackages()', list(sysPath.sitePackages)!, list(other?.sysPath.sitePackages)))
  }
  const there = sysPath.entries.some(({ kind }) => kind === 'user-site')
  const user = !sysPath.enableUserSite ? 'not used' : there ? 'used' : 'would be used; it is not there'
  lines.push(`    ${'site.USER_SITE'.padEnd(24)} ${shown(sysPath.userSite)} (${user})`)
  return lines
}

function pathSection(
  { sysPath, outside }: ExplainResult,
  style: Style,
  shown: Shorten,
  { verbose = false }: RenderExplainOptions,
): string[] {
  if (sysPath === undefined) return []
  const lines = [style.bold('Where imports are looked for (sys.path), first to last')]
  const width = String(sysPath.entries.length).length
  for (const [index, entry] of sysPath.entries.entries()) {
    const path = entry.path === '' ? "'' (the directory you are in)" : shown(entry.path)
    const missing = entry.exists ? '' : style.dim(' (not there)')
    const number = String(index + 1).padStart(width)
    lines.push(`  ${number}  ${entry.exists ? path : style.dim(path)}${missing}`)
    lines.push(`  ${' '.repeat(width)}  ${style.dim(shown(reasonOf(entry, verbose)))}`)
  }
  const own = new Set(sysPath.entries.map(({ path }) => path))
  const leftOut = (outside?.sysPath.entries ?? []).filter(
    ({ path, kind }) => (kind === 'site-packages' || kind === 'user-site' || kind === 'pth') && !own.has(path),
  )
  if (leftOut.length > 0) {
    lines.push(
      `  Not looked into, though the python outside does: ${leftOut.map(({ path }) => shown(path)).join(', ')}`,
    )
  }
  return lines
}

function reasonOf({ why, from, kind }: PathEntry, verbose: boolean): string {
  // A rule's name is for those who ask for more; a file or variable is something that the reader can change.
  if (from.kind !== 'rule' || verbose) return kind === 'start' ? why : `${why} ← ${formatSource(from)}`
  return why
}

function doubtSection({ uncertain, problems }: SysPathExplanation, style: Style, shown: Shorten): string[] {
  const soft = problems.filter(({ fatal }) => !fatal)
  if (uncertain.length === 0 && soft.length === 0) return []
  const lines = [style.bold('What can’t be told from files')]
  for (const one of soft) lines.push(problemLine(one, style, shown))
  for (const { from, why } of uncertain) lines.push(`  ${shown(formatSource(from))}: ${shown(why)}`)
  if (uncertain.length > 0) lines.push(`  ${style.dim('The list above is right if this code leaves sys.path alone.')}`)
  return lines
}

function problemLine({ from, what, fatal }: StartProblem, style: Style, shown: Shorten): string {
  const mark = fatal ? style.red('Python does not start:') : style.yellow('note:')
  return `  ${mark} ${from.kind === 'rule' ? '' : `${shown(formatSource(from))} `}${shown(what)}`
}

function deciderSection(
  { variables, files, sysPath }: ExplainResult,
  style: Style,
  shown: Shorten,
  { verbose = false }: RenderExplainOptions,
): string[] {
  const lines = [style.bold('Files and variables that have a say')]
  const told = new Set(sysPath === undefined || verbose ? [] : marksOf(sysPath))
  const seen = new Set<string>()
  for (const say of sysPath?.said ?? []) {
    const line = `  ${shown(formatSource(say.from))} ${style.dim(shown(say.effect))}`
    if ((say.from.kind === 'file' || say.from.kind === 'option') && !told.has(say) && !seen.has(line)) lines.push(line)
    seen.add(line)
  }
  for (const { path, reader, says, lines: own } of files) {
    if (!verbose && own.length === 0) continue
    lines.push(`  ${shown(path)} ${style.dim(`${says} (read by ${reader})`)}`)
    for (const { line, text } of own) lines.push(`    line ${line}: ${shown(text)}`)
  }
  for (const { name, value, reader, says, decides } of variables) {
    if (!verbose && !decides) continue
    const said = sysPath?.said.find(({ from }) => from.kind === 'variable' && from.variable === name)?.effect
    lines.push(
      `  ${name}=${shown(value)} ${style.dim(said === undefined ? `${says} (read by ${reader})` : shown(said))}`,
    )
  }
  return lines.length === 1 ? [] : lines
}
