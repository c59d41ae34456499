// How Pythons look: a line each in a list, and all facts of one.

import type { PythonFindResult } from '../../commands/python.ts'
import {
  type FoundPython,
  formatPythonVersion,
  type Implementation,
  type Interpreter,
} from '../../python/interpreter.ts'
import { type Style, visible } from './style.ts'
import { renderTable } from './table.ts'

const names: Readonly<Record<Implementation, string>> = {
  cpython: 'Python',
  pypy: 'PyPy',
  graalpy: 'GraalPy',
  rustpython: 'RustPython',
  jython: 'Jython',
  ironpython: 'IronPython',
  micropython: 'MicroPython',
}

/** "Python", "PyPy", …; what is not known stays as it is written. */
export function implementationName(implementation: Implementation): string {
  return names[implementation] ?? implementation
}

/** "Python 3.13.0", "PyPy 3.10.14", "Python 3.13.0t" for a free-threaded build. */
export function pythonName(
  interpreter: Pick<Interpreter, 'implementation' | 'version' | 'freeThreaded' | 'debug'>,
): string {
  const { implementation, version, freeThreaded, debug } = interpreter
  return `${implementationName(implementation)} ${formatPythonVersion(version)}${freeThreaded ? 't' : ''}${debug ? 'd' : ''}`
}

export interface PythonsRequest {
  /** Also the other paths that lead to each. */
  readonly all: boolean
  readonly style: Style
  /** Written as `~` where a path begins with it. */
  readonly home: string | undefined
}

/** One line a Python: what it is, where it is, who put it there; broken ones with what is wrong. */
export function renderPythons(pythons: readonly FoundPython[], { all, style, home }: PythonsRequest): string {
  const short = (path: string): string =>
    visible(home !== undefined && home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path)
  const rows = pythons.flatMap((found) => {
    const { interpreter, problem, executable, locator, environment, alsoAt } = found
    const where = environment === undefined ? locator : `environment ${short(environment)}`
    const first =
      interpreter === undefined
        ? [style.red('broken'), short(executable), style.dim(where), style.red(visible(problem?.text ?? 'unusable'))]
        : [style.bold(pythonName(interpreter)), short(executable), style.dim(where)]
    return [first, ...(all ? alsoAt.map((path) => ['', style.dim(short(path)), '']) : [])]
  })
  return renderTable(rows)
}

/** All that is known, a fact a line. */
export function renderPythonInfo({ python, because }: PythonFindResult, style: Style): string {
  const { interpreter } = python
  const { version, executable, realExecutable, ...rest } = interpreter
  const facts: (readonly [string, string])[] = [
    ['executable', executable],
    ...(realExecutable === executable ? [] : [['behind every link', realExecutable] as const]),
    ...(python.environment === undefined ? [] : [['environment', python.environment] as const]),
    ['chosen because', because],
    ['found by', python.locator],
    ...python.alsoAt.map((path) => ['also at', path] as const),
    ...Object.entries(rest).map(([name, value]) => [words(name), text(value)] as const),
  ]
  return [
    style.bold(pythonName({ ...rest, version })),
    renderTable(
      facts.map(([name, value]) => [style.dim(name), visible(value)]),
      '  ',
    ),
  ].join('\n')
}

/** "implementationVersion" → "implementation version" */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function text(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  return value === '' ? '(empty)' : String(value)
}
