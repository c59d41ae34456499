// A source tree as a build sees it: which backend builds it, and with what (PEP 517, 518; "pyproject.toml", the table build-system).

import { DenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { parsePyproject } from '../spec/pyproject.ts'

export interface SourceTree {
  readonly directory: string
  /** Requirements, as written. */
  readonly requires: readonly string[]
  /** "hatchling.build". */
  readonly backend: string
  /** Absolute; inside the tree. */
  readonly backendPlaces: readonly string[]
  /** Built by its setup.py, with no [build-system] to say how. */
  readonly legacy: boolean
}

/** What builds a project that doesn't say: setuptools, with the tree on sys.path as `python setup.py` has it. */
const legacyBackend = 'setuptools.build_meta:__legacy__'

/**
 * Reads a source tree's build system. Throws `build-invalid` where there is nothing to build or the backend's path leaves the tree,
 * and what reading pyproject.toml throws.
 */
export function readSourceTree(context: Pick<Context, 'host'>, directory: string, label: string): SourceTree {
  const { files, path } = context.host
  const invalid = (reason: string): DenError => new DenError('build-invalid', { distribution: label, reason })
  const file = path.join(directory, 'pyproject.toml')
  const text = files.readText(file)
  const hasSetup = files.stat(path.join(directory, 'setup.py'))?.kind === 'file'
  if (text === undefined) {
    if (!hasSetup && files.stat(path.join(directory, 'setup.cfg'))?.kind !== 'file')
      throw invalid('it has neither a pyproject.toml nor a setup.py')
    return {
      directory,
      requires: ['setuptools >= 40.8.0', 'wheel'],
      backend: legacyBackend,
      backendPlaces: [],
      legacy: true,
    }
  }
  const system = parsePyproject(text, { file }).buildSystem
  if (system === undefined) {
    // "If the pyproject.toml file is absent, or the build-backend key is missing, … setuptools.build_meta:__legacy__."
    return { directory, requires: ['setuptools >= 40.8.0'], backend: legacyBackend, backendPlaces: [], legacy: true }
  }
  const top = files.realPath(directory) ?? directory
  const backendPlaces = (system.backendPath ?? []).map((place) => {
    const full = path.resolve(directory, place)
    const real = files.realPath(full)
    // "Directories in backend-path are interpreted as relative to the project root, and MUST refer to a location within the source tree."
    if (path.isAbsolute(place) || real === undefined || (real !== top && !real.startsWith(top + path.sep)))
      throw invalid(`its backend-path ${JSON.stringify(place)} is no directory inside the source tree`)
    return full
  })
  const legacy = system.backend === undefined
  return { directory, requires: system.requires, backend: system.backend ?? legacyBackend, backendPlaces, legacy }
}
