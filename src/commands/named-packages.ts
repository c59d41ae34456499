// What a run names besides what its environment has (`--with` and its kin), read: each where the sources of the project, or of the script,
// say that it comes from, and with all that tells what it comes to from what something else would.

import { DenError } from '../base/error.ts'
import { readRequirementsPlace, requirementsContextOf } from '../config/pip-surroundings.ts'
import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import type { Manifest } from '../project/manifest.ts'
import { parsePylockPlace } from '../spec/pylock-place.ts'
import type { RequirementsContext } from '../spec/requirements-txt.ts'
import type { RequirementSource } from '../spec/requirements-txt-source.ts'
import { parseEditableSource, parseRequirementSource } from '../spec/requirements-txt-source.ts'
import { linkStamp } from './cached-environment.ts'
import type { Core } from './core.ts'
import type { PackagesWish } from './library-request.ts'
import { rootsOfProject, rootsOfRequirement } from './project-roots.ts'
import { packagesOfRoots } from './unlocked-wish.ts'
import { standardInputPlace } from './wanted.ts'
import { writtenText } from './written-text.ts'

export type NamedPackages = Pick<PackagesWish, 'packages' | 'editables' | 'requirements' | 'scripts' | 'standardInput'>

const day = 86_400_000

/**
 * What the same words come to may be something newer tomorrow: unless all of them say which version they want, they are asked anew every
 * day. Throws what the words' standards throw, and what reading their files throws.
 */
export async function readNamed(
  core: Core,
  named: NamedPackages,
  project: Manifest | undefined,
): Promise<{ readonly wish: NamedPackages; readonly facts: readonly unknown[] }> {
  const { host } = core
  const around = requirementsContextOf(host)
  const { standardInput } = named
  const asked = (named.packages ?? []).map((text) => sourced(host, text, around, project))
  const packages = asked.flatMap((one) => one.packages)
  const editables = [...(named.editables ?? []), ...asked.flatMap((one) => one.editables)]
  const files = (named.requirements ?? []).map((place) => lastingPlace(core, place))
  const [scripts, requirements] = [files.filter(isScript), files.filter((place) => !isScript(place))]
  const read = files.length === 0 ? nothingRead : await readFiles(host, around, { ...named, requirements, scripts })
  const sources = [
    ...packages.map((text) => parseRequirementSource(text, around)),
    ...editables.map((text) => parseEditableSource(text, around)),
    ...read.sources,
  ]
  const isPinned = editables.length + files.length === 0 && packages.every(saysVersion)
  const stamps = sources.flatMap(({ link, editable }) => (link === undefined ? [] : linkStamp(host, link, editable)))
  return {
    wish: { packages, editables, requirements, scripts, ...(standardInput === undefined ? {} : { standardInput }) },
    facts: [isPinned ? 0 : Math.floor(host.now() / day), [packages, editables, files], read.texts, stamps],
  }
}

function saysVersion(text: string): boolean {
  return /^[\w.-]+(?:\[[^\]]*\])?\s*===?\s*[^*,;]+(?:;.*)?$/.test(text)
}

/**
 * A word that says nothing but a name and versions comes from where the project has that name from; its own name means the project itself:
 * an index has what somebody else called so.
 */
function sourced(
  host: Host,
  text: string,
  around: RequirementsContext,
  project: Manifest | undefined,
): { readonly packages: readonly string[]; readonly editables: readonly string[] } {
  const asItIs = { packages: [text], editables: [] }
  if (project === undefined) return asItIs
  const { requirement, link, marker } = parseRequirementSource(text, around)
  if (requirement === undefined || link !== undefined) return asItIs
  const whole = marker === undefined ? requirement : { ...requirement, marker }
  if (requirement.name === project.name) {
    const { extras, file } = project
    const unknown = requirement.extras.find(
      (extra) => !extras.has(extra) && !project.dynamic.has('optional-dependencies'),
    )
    if (unknown !== undefined) throw new DenError('no-extra', { file, extra: unknown, known: [...extras.keys()] })
    return packagesOfRoots(rootsOfProject(host, project, whole))
  }
  if (!project.settings.sources.has(requirement.name)) return asItIs
  return packagesOfRoots(rootsOfRequirement(host, project, whole))
}

/** What can be read but once (a pipe) is written down. */
function lastingPlace(core: Core, place: string): string {
  const { files, path, cwd } = core.host
  if (place === '-' || isElsewhere(place)) return place
  const at = path.resolve(cwd, place)
  if (files.stat(at)?.kind !== 'other') return place
  return writtenText(core, 'requirements.txt', files.readText(at) ?? '')
}

/** A Python file says in its block what it requires. */
function isScript(place: string): boolean {
  return /\.pyw?$/.test(place)
}

function isElsewhere(place: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place)
}

interface FilesRead {
  /** Each file with a hash of what it holds. */
  readonly texts: readonly (readonly [file: string, hash: string])[]
  readonly sources: readonly Pick<RequirementSource, 'link' | 'editable'>[]
}

const nothingRead: FilesRead = { texts: [], sources: [] }

/** These files, and those that they name. What lies elsewhere is not fetched for it. */
async function readFiles(
  host: Host,
  around: RequirementsContext,
  { requirements = [], scripts = [], standardInput }: NamedPackages,
): Promise<FilesRead> {
  const { parseRequirementsText } = await import('../spec/requirements-txt.ts')
  const texts: (readonly [string, string])[] = []
  const contentOf = (place: string): Uint8Array | string | undefined => {
    if (/^https?:/i.test(place)) return ''
    const isInput = standardInput !== undefined && place === standardInputPlace(host)
    const content = isInput ? standardInput : readRequirementsPlace(host, place)
    texts.push([place, sha256Hex(content ?? '')])
    return content
  }
  const sources: Pick<RequirementSource, 'link' | 'editable'>[] = []
  for (const place of requirements) {
    const lock = parsePylockPlace(place)
    if (lock !== undefined) contentOf(isElsewhere(lock.file) ? lock.file : host.path.resolve(host.cwd, lock.file))
    else sources.push(...(await parseRequirementsText(place, around, ({ place: at }) => contentOf(at))).lines)
  }
  for (const place of scripts.filter((one) => !isElsewhere(one))) {
    const content = contentOf(host.path.resolve(host.cwd, place))
    if (content === undefined) throw new DenError('script-missing', { script: place })
    // What is wrong with it is told of it.
    const { parseScriptMetadata } = await import('../spec/script-metadata.ts')
    parseScriptMetadata(typeof content === 'string' ? content : new TextDecoder().decode(content), { file: place })
  }
  return { texts, sources }
}
