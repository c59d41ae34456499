// How environments look: a line each in a list, what was removed, moved or copied, and what they take on disk.

import type {
  EnvListResult,
  EnvMoveResult,
  EnvRemoveResult,
  EnvSizeResult,
  ListedEnvironment,
} from '../../commands/env.ts'
import { type Style, visible } from './style.ts'
import { formatBytes, renderTable } from './table.ts'

/** Where the reader is, for paths as one would type them. */
export interface Here {
  readonly home: string | undefined
  readonly cwd: string
}

const implementations: Readonly<Record<string, string>> = { cpython: 'Python', pypy: 'PyPy', graalpy: 'GraalPy' }

/** One line an environment: whether it is active, its Python, where it is, who keeps it, its size, when it was last used; broken ones with why. */
export function renderEnvironments(
  { environments }: EnvListResult,
  style: Style,
  /** `now`: milliseconds since 1970. */
  here: Here & { readonly now: number },
): string {
  const measured = environments.some(({ size }) => size !== undefined)
  const rows = environments.map((environment) => {
    const { version, implementation, root, kind, name, active, size, lastUsed } = environment
    // conda's environments may hold other things than a Python: nothing is broken then.
    const isBare = environment.problem?.code === 'no-python'
    const problem = isBare ? undefined : environment.problem
    const python = `${implementations[implementation] ?? implementation} ${version}`
    const label = name === undefined || root.endsWith(name) ? '' : ` (${name})`
    return [
      active ? style.green('*') : ' ',
      isBare
        ? style.dim('no Python')
        : problem === undefined
          ? style.bold(python)
          : style.red(version === '?' ? 'broken' : `${python}, broken`),
      `${visible(short(root, here))}${visible(label)}`,
      style.dim(maker(environment, kind)),
      ...(measured ? [size === undefined ? '' : formatBytes(size.own.onDisk)] : []),
      problem === undefined
        ? style.dim(lastUsed === undefined ? '' : age(here.now - lastUsed))
        : style.red(visible(problem.text)),
    ]
  })
  return renderTable(rows)
}

function maker({ project, root }: ListedEnvironment, kind: string): string {
  return project !== undefined && !root.startsWith(project) ? `${kind}, for ${project}` : kind
}

/** "today", "yesterday", "12 days ago", "3 months ago": what file systems keep to the day is told to the day. */
export function age(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000)
  if (days < 1) return 'today'
  if (days < 2) return 'yesterday'
  if (days < 60) return `${days} days ago`
  if (days < 730) return `${Math.floor(days / 30.4)} months ago`
  return `${Math.floor(days / 365)} years ago`
}

/** What was removed, or would be. */
export function renderRemoved({ removed }: EnvRemoveResult, style: Style, here: Here): string {
  return removed
    .map(({ root, removed: done, linkTo, redirect, size }) => {
      const what = visible(short(root, here))
      const verb = done ? style.green('removed') : 'would remove'
      if (linkTo !== undefined) return `${verb} the link ${what}; ${visible(short(linkTo, here))}, where it led, stays`
      const file = redirect === undefined ? '' : `, and ${visible(short(redirect, here))}, which named it`
      const freed = size === undefined ? '' : style.dim(`  ${formatBytes(size.own.onDisk)}`)
      const shared =
        size === undefined || size.shared.files === 0
          ? ''
          : style.dim(` (and ${formatBytes(size.shared.onDisk)} that others still use)`)
      return `${verb} ${what}${file}${freed}${shared}`
    })
    .join('\n')
}

/** What was moved or copied; of a plan also the files that would be written anew. */
export function renderMoved(
  { from, to, done, rewritten, carried }: EnvMoveResult,
  past: 'moved' | 'copied',
  style: Style,
  here: Here,
): string {
  const verb = done ? style.green(past) : `would ${past === 'moved' ? 'move' : 'copy'}`
  const head = `${verb} ${visible(short(from, here))} to ${visible(short(to, here))}`
  if (!done) return [head, ...rewritten.map((line) => `  ${visible(line)}`)].join('\n')
  const parts = [
    ...(carried === undefined || past === 'moved' ? [] : carriedHow(carried)),
    `${rewritten.length} ${rewritten.length === 1 ? 'file' : 'files'} written for the new path`,
  ]
  return `${head}${style.dim(`  ${parts.join(', ')}`)}`
}

function carriedHow(carried: NonNullable<EnvMoveResult['carried']>): string[] {
  const { cloned, hardLinked, copied } = carried
  return [
    ...(cloned > 0 ? [`${cloned} shared until changed`] : []),
    ...(hardLinked > 0 ? [`${hardLinked} hard ${hardLinked === 1 ? 'link' : 'links'}`] : []),
    ...(copied > 0 ? [`${copied} copied`] : []),
  ]
}

/** What each takes: of its own, shared with others, and both. */
export function renderSizes({ environments }: EnvSizeResult, style: Style, here: Here): string {
  const header = ['', 'own', 'shared', 'together', 'files'].map(style.dim)
  const rows = environments.map(({ root, size }) => [
    visible(short(root, here)),
    style.bold(formatBytes(size.own.onDisk)),
    formatBytes(size.shared.onDisk),
    formatBytes(size.total.onDisk),
    String(size.total.files),
  ])
  const note = environments.some(({ size }) => size.shared.files > 0)
    ? [style.dim("own: what removing it frees; shared: files that den's store or other environments hold too")]
    : []
  return [renderTable([header, ...rows]), ...note].join('\n')
}

/** Relative below the working directory, with `~` below the home. */
export function short(path: string, { home, cwd }: Here): string {
  if (cwd !== '/' && path.startsWith(`${cwd}/`)) return path.slice(cwd.length + 1)
  return home !== undefined && home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
