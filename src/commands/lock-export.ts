// `den export`: a project's lock for tools that read something else, or less of it.

import { DenError } from '../base/error.ts'
import { publicIndex } from '../indexes/public-index.ts'
import { lockElsewhere, lockOfSelection, requirementsFile } from '../project/lock-export.ts'
import { projectOfInputs } from '../project/lock-inputs.ts'
import { type LockChoice, restrictLock, selectLocked } from '../project/lock-select.ts'
import { isPylockName } from '../spec/pylock-place.ts'
import { formatPylock } from '../spec/pylock-write.ts'
import type { Core } from './core.ts'
import { type LockTold, type LockViewRequest, openLockView, targetOfView } from './lock-view.ts'

export interface ExportRequest extends LockViewRequest {
  /** By the name of the output unless said, else requirements. */
  readonly format?: 'requirements.txt' | 'pylock.toml'
  /** With the hashes of all files; they are unless said. */
  readonly hashes?: boolean
  /** Without the project itself. */
  readonly noProject?: boolean
  /** For one Python on this machine ("" for the project's own): a version each, and no markers. */
  readonly forPython?: string
  /** Where it is written; absent: nowhere. */
  readonly output?: string
}

export interface ExportResult extends LockTold {
  readonly format: 'requirements.txt' | 'pylock.toml'
  readonly text: string
  readonly packages: number
  /** Where it was written. */
  readonly output?: string
  readonly stale: readonly string[]
  /** What pip will not take together with hashes: directories and checkouts have none. */
  readonly unhashed: readonly string[]
}

/** Throws what `openLockView`, selecting and finding a Python throw, `export-over-lock` and `io-failed`. */
export async function exportLock(core: Core, request: ExportRequest = {}): Promise<ExportResult> {
  const { host } = core
  const view = await openLockView(core, request)
  const { lock, parts, manifest } = view
  const output = request.output === undefined ? undefined : host.path.resolve(host.cwd, request.output)
  // The part that was asked for in the place of the whole would lose everybody else's versions.
  if (output !== undefined && (host.files.realPath(output) ?? output) === (host.files.realPath(lock.file) ?? lock.file))
    throw new DenError('export-over-lock', { file: output })
  const format =
    request.format ??
    (output !== undefined && isPylockName(host.path.basename(output)) ? 'pylock.toml' : 'requirements.txt')
  const hasProject = parts.project && request.noProject !== true && projectOfInputs(lock.inputs) !== undefined
  const choice: LockChoice = { extras: parts.extras, groups: parts.groups, onlyGroups: !parts.project, noProject: true }
  const restricted = await (async () => {
    if (request.forPython === undefined) return restrictLock(lock, choice)
    const { markers, ranks } = await targetOfView(core, view, request.forPython || undefined)
    return lockOfSelection(lock.lock, selectLocked(lock, { ...choice, markers, ranks }))
  })()
  const hashes = request.hashes !== false
  const text =
    format === 'pylock.toml'
      ? formatPylock(lockElsewhere(restricted, pathMover(core, manifest.directory, output)))
      : requirementsFile(restricted, {
          hashes,
          publicIndex,
          from: host.path.basename(view.told.unlocked === true ? manifest.file : lock.file),
          project: hasProject,
        })
  if (output !== undefined) {
    host.disk.makeDirectories(host.path.dirname(output))
    host.disk.writeAtomic(output, text)
    const name = host.path.basename(output)
    if (format === 'pylock.toml' && !isPylockName(name))
      core.report({
        kind: 'note',
        text: `${name} is no name of a lock to pip and uv: pylock.toml and pylock.NAME.toml are`,
      })
  }
  const unhashed = restricted.packages.filter(({ vcs, directory }) => vcs !== undefined || directory !== undefined)
  return {
    ...view.told,
    format,
    text,
    packages: restricted.packages.length,
    ...(output === undefined ? {} : { output }),
    stale: view.stale,
    unhashed:
      format === 'requirements.txt' && hashes
        ? [...unhashed.map(({ name }) => name as string), ...(hasProject ? [manifest.name ?? '.'] : [])]
        : [],
  }
}

/** A path in a lock counts from the lock, wherever that is written. On stdout it counts from the project. */
function pathMover({ host }: Core, from: string, output: string | undefined): (path: string) => string {
  const { path } = host
  const to = output === undefined ? from : path.dirname(output)
  if (to === from) return (place) => place
  return (place) => {
    if (path.isAbsolute(place)) return place
    const moved = path.relative(to, path.resolve(from, place)) || '.'
    return path.sep === '\\' ? moved.replaceAll('\\', '/') : moved
  }
}
