// Lines of .pth files that start with `import` are code. What the well-known ones do to sys.path is known; all others are
// reported, never guessed at and never run.

import type { World } from './world.ts'

/** What a line of code does to sys.path. */
export type ImportEffect =
  | { readonly kind: 'nothing'; readonly why: string }
  /** Setuptools' and virtualenvwrapper's pair of lines: remember where sys.path ended … */
  | { readonly kind: 'mark-end' }
  /** … and move all that came after it to the front. */
  | { readonly kind: 'move-to-front' }
  /** An editable install's finder that also listens to one made-up entry. */
  | { readonly kind: 'append'; readonly path: string; readonly why: string }
  /** The module isn't there: Python complains and skips the rest of the file. */
  | { readonly kind: 'fails'; readonly module: string }
  | { readonly kind: 'unknown'; readonly why: string }

const markEnd = /^import sys; ?sys\.__plen ?= ?len\(sys\.path\)\s*$/
const moveToFront =
  /^import sys; ?new ?= ?sys\.path\[sys\.__plen:\]; ?del sys\.path\[sys\.__plen:\]; ?p ?= ?getattr\(sys, ?'__egginsert', ?0\); ?sys\.path\[p:p\] ?= ?new; ?sys\.__egginsert ?= ?p ?\+ ?len\(new\)\s*$/

interface Known {
  readonly line: RegExp
  readonly why: string
}

const known: readonly Known[] = [
  {
    line: /^import os; ?(?:var = 'SETUPTOOLS_USE_DISTUTILS'|enabled = os\.environ).*__import__\('_distutils_hack'\)/,
    why: "setuptools puts its own distutils in the standard library's place",
  },
  { line: /^import _virtualenv\s*$/, why: 'virtualenv keeps distutils from installing outside the environment' },
  {
    line: /^import sys, ?types, ?os; ?(?:has_mfs|p) ?=.*sys\._getframe\(1\)\.f_locals\['sitedir'\]/,
    why: 'setuptools makes a namespace package known',
  },
  { line: /^import coverage; ?coverage\.process_startup\(\)\s*$/, why: 'coverage measures child processes' },
  { line: /^import os, ?sys; ?exec\(['"]if ["']COV_CORE_/, why: 'pytest-cov measures child processes' },
]

/** Modules that no installation lacks and whose import changes no path. */
const harmless = /^(?:sys|os|site|re|types|time|io|codecs|warnings|importlib|importlib\.util|this_module_is_builtin)$/

export interface ImportSite {
  readonly world: World
  /** The directory of the .pth file. */
  readonly directory: string
  /** The entries of sys.path as they are when the line runs. */
  readonly searched: readonly string[]
}

/** What this line does, as far as files tell. */
export function readImportLine(line: string, site: ImportSite): ImportEffect {
  if (markEnd.test(line)) return { kind: 'mark-end' }
  if (moveToFront.test(line)) return { kind: 'move-to-front' }
  const finder = /^import (__editable___\w+_finder); ?\1\.install\(\)\s*$/.exec(line)
  if (finder !== null) return editableFinder(finder[1]!, site)
  const match = known.find(({ line: pattern }) => pattern.test(line))
  const single = /^import[ \t]+([A-Za-z_][\w.]*)[ \t\r\n]*(?:#.*)?$/.exec(line)?.[1]
  if (match !== undefined && (single === undefined || findModule(site, single) !== undefined)) {
    return { kind: 'nothing', why: match.why }
  }
  if (single === undefined) return { kind: 'unknown', why: 'runs code of its own' }
  if (harmless.test(single)) return { kind: 'nothing', why: `imports ${single}, which changes no path` }
  const file = findModule(site, single)
  if (file !== undefined) {
    if (/_?editable|^__editable__/.test(single)) {
      return { kind: 'nothing', why: `lets ${file} find an editable install, which needs no entry` }
    }
    return { kind: 'unknown', why: `runs ${file}` }
  }
  // A module may also be built in or in a zip; only a name that can be neither is known to fail.
  const couldBeElsewhere =
    !single.startsWith('_') || site.searched.some((path) => /\.(?:zip|egg)$/.test(path) && site.world.isFile(path))
  return couldBeElsewhere ? { kind: 'unknown', why: `imports ${single}` } : { kind: 'fails', module: single }
}

function editableFinder(module: string, site: ImportSite): ImportEffect {
  const file = findModule(site, module)
  if (file === undefined) return { kind: 'fails', module }
  const text = site.world.text(file) ?? ''
  const namespaces = /^NAMESPACES(?:\s*:[^=\n]+)?\s*=\s*(\{[^\n]*)$/m.exec(text)?.[1]
  const placeholder = /^PATH_PLACEHOLDER\s*=\s*(['"])([^'"\n]*)\1(?:\s*\+\s*(['"])([^'"\n]*)\3)?/m.exec(text)
  if (namespaces === undefined || namespaces.trim() === '{}' || placeholder === null) {
    return { kind: 'nothing', why: `lets ${file} find an editable install, which needs no entry` }
  }
  return {
    kind: 'append',
    path: `${placeholder[2] ?? ''}${placeholder[4] ?? ''}`,
    why: 'no directory: it wakes the finder of an editable install that has namespace packages',
  }
}

/** The file of a top-level module on these directories, as the import system would pick it; undefined where none has it. */
export function findModule({ world, searched }: Omit<ImportSite, 'directory'>, module: string): string | undefined {
  const name = module.split('.')[0]!
  for (const directory of searched) {
    const base = world.paths.join(directory === '' ? world.host.cwd : directory, name)
    const candidates = [world.paths.join(base, '__init__.py'), `${base}.py`, `${base}.pyc`]
    const file = candidates.find((candidate) => world.isFile(candidate))
    if (file !== undefined) return file
    if (world.isFile(`${base}.so`)) return `${base}.so`
  }
  return undefined
}
