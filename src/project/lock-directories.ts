// What the directories that a lock names need of others, as fingerprints: a package that lies beside the project is worked on like the project
// itself, and when it asks for something else the lock is out of date. Told from its files; no backend is run.

import { isDenError } from '../base/error.ts'
import { isTomlTable } from '../format/toml.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import { type BuildSystem, type ProjectTable, parsePyproject, readProjectTable } from '../spec/pyproject.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import { formatSpecifiers } from '../spec/specifier.ts'

type Machine = Pick<Host, 'files' | 'path'>

/**
 * The fingerprint of what a directory needs: of its requirements, where it tells them, whatever order they stand in; else of the files that
 * its backend is most likely to make them from. Of a directory that is not there that of nothing. `pyproject`: in place of the file's text.
 */
export function directoryFingerprint(host: Machine, directory: string, pyproject?: string): string {
  const text = pyproject ?? textAt(host, directory, 'pyproject.toml')
  const project = projectOf(text)
  const told =
    project === undefined
      ? toldByBackend(host, directory, text)
      : [
          project.name,
          project.requiresPython === undefined ? '' : formatSpecifiers(project.requiresPython),
          ...sorted(project.dependencies ?? []),
          ...[...(project.optionalDependencies ?? [])].flatMap(([extra, list]) => [`[${extra}]`, ...sorted(list)]),
        ]
  return `sha256:${sha256Hex(told.join('\n').replaceAll('\r\n', '\n'))}`
}

function textAt({ files, path }: Machine, directory: string, name: string): string {
  const file = path.resolve(directory, name)
  return files.stat(file)?.kind === 'file' ? (files.readText(file) ?? '') : ''
}

/** undefined: only its backend knows, or refuses. */
function projectOf(text: string): ProjectTable | undefined {
  if (text === '') return undefined
  try {
    const project = readProjectTable(parsePyproject(text).document)
    const dynamic = ['requires-python', 'dependencies', 'optional-dependencies']
    return project === undefined || dynamic.some((field) => project.dynamic.has(field)) ? undefined : project
  } catch (error) {
    if (isDenError(error)) return undefined
    throw error
  }
}

/** What the backend is told, the files of its own that are known, and those that are named somewhere in it. */
function toldByBackend(host: Machine, directory: string, text: string): readonly string[] {
  const { words, names } = wordsForBackend(text)
  const [script, config] = [textAt(host, directory, 'setup.py'), textAt(host, directory, 'setup.cfg')]
  const named = [
    ...names,
    ...[...config.matchAll(/\bfile:\s*([^\n]+)/g)].flatMap(([, list]) => list!.split(',').map((one) => one.trim())),
    ...[...script.matchAll(/["']([^"'\n]+\.(?:txt|in))["']/g)].map(([, name]) => name!),
  ]
  const files = [...new Set(['hatch_build.py', 'requirements.txt', ...named.filter(isFilename)])].sort()
  return [words, script, config, ...files.flatMap((name) => [name, textAt(host, directory, name)])]
}

/** Of pyproject.toml all that a backend may heed; of [project] what it tells of requirements, for nothing else of it is in a lock. */
function wordsForBackend(text: string): { readonly words: string; readonly names: readonly string[] } {
  try {
    const { document, buildSystem, tool } = parsePyproject(text)
    const { project } = document.table
    const told = Object.entries(isTomlTable(project) ? project : {}).filter(([key]) => requirementWords.has(key))
    const tools = Object.entries(tool).filter(([name]) => !otherTools.has(name))
    const names: string[] = modulesOf(buildSystem ?? { requires: [] })
    const words = JSON.stringify([told, buildSystem ?? null, tools], (_, value: unknown) => {
      if (typeof value === 'string' && /\.(?:txt|in|toml|cfg|json|ya?ml|py)$/.test(value)) names.push(value)
      return typeof value === 'bigint' ? String(value) : value
    })
    return { words, names }
  } catch (error) {
    if (isDenError(error)) return { words: text, names: [] }
    throw error
  }
}

/** No system has files that are called otherwise. */
function isFilename(name: string): boolean {
  return /^\P{Cc}{1,250}$/u.test(name)
}

const requirementWords: ReadonlySet<string> = new Set([
  ...['name', 'requires-python', 'dependencies', 'optional-dependencies', 'dynamic'],
])

/** Tables that no backend looks into, and that change often. */
const otherTools: ReadonlySet<string> = new Set([
  ...['den', 'uv', 'ruff', 'black', 'isort', 'flake8', 'pylint', 'mypy', 'pyright', 'basedpyright', 'ty', 'pytest'],
  ...['coverage', 'tox', 'bandit', 'codespell', 'towncrier', 'cibuildwheel', 'commitizen', 'bumpversion'],
])

/** Where a backend that lies in the tree itself may be. */
function modulesOf({ backend, backendPath = [] }: BuildSystem): string[] {
  const module = backend?.split(':', 1)[0]?.replaceAll('.', '/')
  if (module === undefined) return []
  return backendPath.flatMap((place) => [`${place}/${module}.py`, `${place}/${module}/__init__.py`])
}

function sorted(requirements: readonly Requirement[]): readonly string[] {
  return requirements.map((one) => formatRequirement({ ...one, rawName: one.name })).sort()
}

/** The directories of a lock, as it names them, that need something else by now. */
export function changedDirectories(
  host: Machine,
  directory: string,
  fingerprints: ReadonlyMap<string, string>,
): readonly string[] {
  return [...fingerprints].flatMap(([place, before]) =>
    directoryFingerprint(host, host.path.resolve(directory, place)) === before ? [] : [place],
  )
}
