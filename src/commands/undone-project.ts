// What taking back a change of an environment leaves behind in the project whose environment it is: undo is about the environment alone, and
// manifest and lock may have gone into a commit since. So it says that they are as they were, and what to type.

import { isDenError } from '../base/error.ts'
import { shellWord } from '../base/shell-word.ts'
import { findLock } from '../project/lock-read.ts'
import { findProject } from '../project/read-manifest.ts'
import { tryParseRequirement } from '../spec/requirement.ts'
import { formatVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { PackageChange } from './library.ts'
import { projectEnvironmentRoot } from './project-environment.ts'
import { placedRequirements } from './project-requirements.ts'

/** A project that still asks for what its environment had before a change of it was taken back. */
export interface UndoneProject {
  /** The manifest. */
  readonly file: string
  /** What changes the project likewise, where one command can tell: "den remove flask". */
  readonly command?: string
}

/** Undefined where the environment is no project's, or the project's lock says no more than what stands there now. */
export function undoneProject(
  core: Core,
  root: string,
  command: string | undefined,
  { installed, removed }: Pick<PackageChange, 'installed' | 'removed'>,
  isFromIndex: (name: string) => boolean,
): UndoneProject | undefined {
  const { host } = core
  try {
    const manifest = findProject(host, host.path.dirname(root))
    if (manifest === undefined || projectEnvironmentRoot(host, manifest) !== root) return undefined
    const locked = findLock(host, manifest.directory)?.lock
    if (locked === undefined) return undefined
    const versions = new Map(
      locked.packages.map(({ name, version }) => [name as string, version && formatVersion(version)]),
    )
    const isSame = ({ name, version }: { readonly name: string; readonly version: string }): boolean =>
      versions.has(name) && (versions.get(name) ?? version) === version
    if (removed.every(({ name }) => !versions.has(name)) && installed.every(isSame)) return undefined
    const asked = new Set<string>(placedRequirements(manifest).map(({ requirement }) => requirement.name))
    const back = command === undefined ? undefined : contrary(command, asked, isFromIndex)
    return { file: manifest.file, ...(back === undefined ? {} : { command: back }) }
  } catch (error) {
    // The environment is back as it was, whatever the project's files say.
    if (isDenError(error)) return undefined
    throw error
  }
}

/**
 * "add --group docs sphinx" is taken back by "den remove --group docs sphinx". What was upgraded is told by no short word, and what came
 * from an address not by its name: an index may have another one of that name.
 */
function contrary(
  command: string,
  asked: ReadonlySet<string>,
  isFromIndex: (name: string) => boolean,
): string | undefined {
  const [, verb, place = '', words = ''] = /^(add|remove) ((?:--(?:group|optional) \S+ )?)(.*)$/.exec(command) ?? []
  if (verb === undefined) return undefined
  const named = words.split(' ').map(tryParseRequirement)
  if (verb === 'remove')
    return named.every((one) => one !== undefined && isFromIndex(one.name)) ? `den add ${place}${words}` : undefined
  if (named.some((one) => one === undefined || !asked.has(one.name))) return undefined
  return `den remove ${place}${named.map((one) => shellWord(one!.rawName)).join(' ')}`
}
