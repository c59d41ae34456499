// Where an environment is to be made: whether a path can bear one at all, and what stands there now.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { recoverJournal } from '../journal/replace-directory.ts'
import { type PyvenvCfg, parsePyvenvCfg } from '../spec/pyvenv-cfg.ts'
import { projectMarks } from './project-marks.ts'
import { readRedirect } from './redirect.ts'
import { abandonedStages, isStagingName, stagesFor } from './stage.ts'

/** Throws `environment-path-unusable` or `path-not-utf8` for a path at which an environment could not work. `root` is absolute. */
export function checkRoot(host: Pick<Host, 'path' | 'home'>, root: string): void {
  const refuse = (reason: string): never => {
    throw new DenError('environment-path-unusable', { path: root, reason })
  }
  const { path, home } = host
  checkLetters(root, refuse)
  const rest = root.slice(path.parse(root).root.length)
  if (rest.includes(path.delimiter)) {
    refuse(
      `it holds \`${path.delimiter}\`, which separates the directories of PATH: activating the environment could not work`,
    )
  }
  if (rest === '') refuse('it is the root of the file system')
  if (root === home) refuse('it is your home directory')
}

function checkLetters(root: string, refuse: (reason: string) => never): void {
  // One look for whatever is suspicious at all.
  if (!/[\0\n\r\x85\u2028\u2029\v\f\uD800-\uDFFF\uFFFD]/.test(root)) return
  if (root.includes('\0')) refuse('no path can hold a NUL character')
  if (/[\n\r\x85\u2028\u2029\v\f]/.test(root)) {
    refuse('it holds a line break, which pyvenv.cfg and the first line of a script cannot express')
  }
  // What Node could not read as UTF-8 comes with U+FFFD in its place, and then names another directory.
  if (root.includes('\uFFFD') || !root.isWellFormed()) throw new DenError('path-not-utf8', { path: root })
}

/** What is found at the root of an environment to be. `movable`: a real directory that may be renamed, since nobody is known to be in it. */
export type Standing =
  | { readonly kind: 'nothing' }
  /** An empty directory, or one with nothing in it but what another den is making. */
  | { readonly kind: 'empty'; readonly movable: boolean }
  /** `cfg` is absent in those of virtualenv before 20. */
  | {
      readonly kind: 'environment'
      readonly cfg?: PyvenvCfg
      readonly movable: boolean
      /** The names of what shows that it is a project's directory as well. */
      readonly project: readonly string[]
    }
  /** Something else; what it holds. `changing`: another den is at work in it, so that it may be an environment by now. */
  | { readonly kind: 'directory'; readonly names: readonly string[]; readonly changing: boolean }

/** Looks at the root. Throws `environment-path-taken` for what is no directory and can be none. */
export function readStanding(context: Pick<Context, 'host'>, root: string): Standing {
  const { standing } = look(context, root)
  if (standing.kind === 'nothing') refuseBlocked(context.host, context.host.path.dirname(root))
  return standing
}

/** Throws `environment-path-taken` when there can be no such directory, since one of its parents is a file or a link to nowhere. */
function refuseBlocked({ files, path }: Pick<Host, 'files' | 'path'>, directory: string): void {
  let place = directory
  while (files.lstat(place) === undefined && path.dirname(place) !== place) place = path.dirname(place)
  if (files.lstat(place) !== undefined && files.stat(place)?.kind !== 'directory') refuseTaken({ files, path }, place)
}

/** Throws `environment-path-taken`, saying what stands there. */
export function refuseTaken(host: Pick<Host, 'files' | 'path'>, place: string): never {
  const { files, path } = host
  const kind = files.lstat(place)?.kind
  const leads = kind === 'file' ? readRedirect(host, place) : undefined
  const redirect = leads !== undefined && files.lstat(path.join(leads, 'pyvenv.cfg')) !== undefined
  const by = redirect
    ? `a file that leads to the environment ${leads}`
    : kind === 'link'
      ? `a link to ${files.readLink(place) ?? 'nowhere'}`
      : kind === 'file'
        ? 'a file'
        : 'a special file'
  throw new DenError('environment-path-taken', { path: place, by })
}

/**
 * Looks at the root, after finishing or removing what a killed process left there. Throws `environment-path-taken`. For a root where
 * nothing stands it costs one look at the directory around it. `holding`: the path of a lock that the caller has.
 */
export function settlePlace(context: Context, root: string, journal: string, holding?: string): Standing {
  const { host } = context
  const { path, files } = host
  const first = look(context, root)
  const parent = path.dirname(root)
  const name = path.basename(root)
  const around = files.names(parent)
  if (around === undefined) refuseBlocked(host, parent)
  const beside = stagesFor(around ?? [], name)
  if (first.standing.kind === 'nothing' && beside.length === 0) return first.standing
  const recovered = recoverJournal(context, journal, { about: root, holding })
  const left = [...abandonedStages(host, parent, beside, name), ...abandonedStages(host, root, first.stages, name)]
  for (const directory of left) removeLeftover(context, directory)
  return recovered > 0 || left.length > 0 ? look(context, root).standing : first.standing
}

/** Takes away what is of no use to anybody; that it can't be is no reason to fail. */
export function removeLeftover(context: Context, directory: string): void {
  try {
    context.host.disk.removeTree(directory)
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
  }
}

/** `stages`: the names in it of what dens are making or left. */
function look(
  { host }: Pick<Context, 'host'>,
  root: string,
): { readonly standing: Standing; readonly stages: readonly string[] } {
  const { files, path, cwd } = host
  const own = files.lstat(root)
  if (own === undefined) return { standing: { kind: 'nothing' }, stages: [] }
  const link = own.kind === 'link'
  const facts = link ? files.stat(root) : own
  if (facts?.kind !== 'directory') refuseTaken(host, root)
  const all = namesIn(files, root)
  const stages = all.filter(isStagingName)
  const names = all.filter((name) => !isStagingName(name))
  const movable = !link && cwd !== root && !cwd.startsWith(root + path.sep)
  return { standing: judge(host, root, { names, movable, changing: stages.length > 0 }), stages }
}

function judge(
  host: Pick<Host, 'files' | 'path'>,
  root: string,
  seen: { readonly names: readonly string[]; readonly movable: boolean; readonly changing: boolean },
): Standing {
  const { names, movable, changing } = seen
  if (names.length === 0) return { kind: 'empty', movable }
  const environment = { kind: 'environment' as const, movable, project: projectMarks(names) }
  if (names.includes('pyvenv.cfg') && !names.includes('conda-meta')) {
    const text = host.files.readText(host.path.join(root, 'pyvenv.cfg'))
    if (text !== undefined) return { ...environment, cfg: parsePyvenvCfg(text) }
  }
  return isOldVirtualenv(host, root, names) ? environment : { kind: 'directory', names, changing }
}

function namesIn(files: Host['files'], directory: string): readonly string[] {
  return files.names(directory) ?? []
}

/** virtualenv before 20 wrote no pyvenv.cfg; its mark is a file in the library. */
function isOldVirtualenv(
  { files, path }: Pick<Host, 'files' | 'path'>,
  root: string,
  names: readonly string[],
): boolean {
  if (!names.includes('lib') && !names.includes('Lib')) return false
  const below = namesIn(files, path.join(root, 'lib')).map((name) => path.join(root, 'lib', name))
  const libraries = [path.join(root, 'Lib'), ...below]
  return libraries.some((library) => files.lstat(path.join(library, 'orig-prefix.txt')) !== undefined)
}
