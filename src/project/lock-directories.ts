// What the directories that a lock names need of others, as fingerprints: a package that lies beside the project is worked on like the project
// itself, and when it asks for something else the lock is out of date. Told from its files; no backend is run.

import { isDenError } from '../base/error.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import { type ProjectTable, parsePyproject, readProjectTable } from '../spec/pyproject.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import { formatSpecifiers } from '../spec/specifier.ts'

type Machine = Pick<Host, 'files' | 'path'>

/**
 * The fingerprint of what a directory needs: of its requirements, where it tells them, whatever order they stand in; else of the files that
 * its backend is most likely to make them from. Of a directory that is not there that of nothing.
 */
export function directoryFingerprint({ files, path }: Machine, directory: string): string {
  const textOf = (name: string): string => {
    const file = path.join(directory, name)
    return files.stat(file)?.kind === 'file' ? (files.readText(file) ?? '') : ''
  }
  const pyproject = textOf('pyproject.toml')
  const project = projectOf(pyproject)
  const told =
    project === undefined
      ? [pyproject, textOf('setup.py'), textOf('setup.cfg')]
      : [
          project.name,
          project.requiresPython === undefined ? '' : formatSpecifiers(project.requiresPython),
          ...sorted(project.dependencies ?? []),
          ...[...(project.optionalDependencies ?? [])].flatMap(([extra, list]) => [`[${extra}]`, ...sorted(list)]),
        ]
  return `sha256:${sha256Hex(told.join('\n').replaceAll('\r\n', '\n'))}`
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
