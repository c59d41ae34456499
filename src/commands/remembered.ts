// That a request asks for nothing which isn't there, remembered: the same request, in an environment in which nothing was put in, taken out
// or touched since, is answered without a word of it being solved again. Remembered are an answer and the facts it rests on, as a hash; any
// doubt is a miss, and costs the ordinary way.

import { sha256Hex } from '../host/hash.ts'
import type { Host } from '../host/host.ts'
import { openSealed, sealJson } from '../store/manifest.ts'
import type { Core } from './core.ts'
import type { InstallPackagesRequest } from './install-request.ts'
import type { AimedEnvironment } from './pip-environment.ts'

export interface Satisfied {
  readonly name: string
  readonly version: string
  readonly location: string
  readonly requested: boolean
}

interface Remembered {
  readonly facts: string
  readonly satisfied: readonly Satisfied[]
}

/** A hash of everything an answer would rest on, to be taken before it is worked out; undefined for what is never remembered. */
export function satisfiedFacts(
  { host }: Core,
  request: InstallPackagesRequest,
  aimed: AimedEnvironment,
): string | undefined {
  return isSimple(request) ? factsOf(host, request, aimed) : undefined
}

/** What was found to be there when the facts were these; undefined where that isn't known. */
export function recallSatisfied(core: Core, aimed: AimedEnvironment, facts: string): readonly Satisfied[] | undefined {
  const known = openSealed(core.host.files.readText(placeOf(core, aimed))) as Remembered | undefined
  return known?.facts === facts ? known.satisfied : undefined
}

/** A cache that can't be written forgets; that is no error. */
export function rememberSatisfied(
  core: Core,
  aimed: AimedEnvironment,
  facts: string,
  satisfied: readonly Satisfied[],
): void {
  const { host } = core
  const file = placeOf(core, aimed)
  const value: Remembered = { facts, satisfied }
  try {
    host.disk.makeDirectories(host.path.dirname(file))
    host.disk.writeAtomic(file, sealJson(value))
  } catch {}
}

export const satisfiedBucket = 'satisfied-v1'

function placeOf({ host, places }: Core, { executable }: AimedEnvironment): string {
  return host.path.join(places.cache, satisfiedBucket, `${sha256Hex(executable).slice(0, 32)}.json`)
}

/** Whether names and versions are all there is to it: nothing that is local, that changes by itself, or that is to be done anyway. */
function isSimple({ wanted, place, ...request }: InstallPackagesRequest): boolean {
  const { editables, constraintFiles, overrideFiles = [], scripts, groups } = wanted
  const lists = [editables, constraintFiles, overrideFiles, scripts, groups]
  if (lists.some((list) => list.length > 0) || place.kind !== 'environment' || request.root !== undefined) return false
  if (request.upgrade !== 'no' || request.forceReinstall || request.ignoreInstalled || request.exact === true)
    return false
  if (request.dryRun || request.report !== undefined || request.sources.refresh.size > 0) return false
  return Object.values(request.target).every((wish) => wish === undefined) && wanted.requirements.every(isNamed)
}

/**
 * A name, extras, versions and a marker; no path, no address, no option, no variable, and nothing that a reboot changes. What is called
 * like an archive is one where such a file lies, whatever extras and markers come behind it.
 */
export function isNamed(text: string): boolean {
  return (
    /^[A-Za-z0-9][\w.-]*[ \t]*(?:$|[[<>=!~;])/.test(text) &&
    !/[/\\@$]|platform_(?:release|version)|\.(?:whl|zip|tar|t?gz|t?bz2?|tbz|t?xz|tlz|lzma)[ \t]*(?:$|[[;])/i.test(text)
  )
}

/** A hash of everything the answer rests on; undefined where that can't be told from files alone. */
function factsOf(host: Host, request: InstallPackagesRequest, aimed: AimedEnvironment): string | undefined {
  const facts: string[] = [JSON.stringify([request, aimed.interpreter, aimed.sysPath], plainly)]
  for (const file of request.wanted.requirementFiles) {
    const text = /:\/\//.test(file) ? undefined : host.files.readText(host.path.resolve(host.cwd, file))
    if (text === undefined) return undefined
    for (const line of text.split('\n')) {
      const plain = line.replace(/(?:^|[ \t])#.*/, '').trim()
      if (plain !== '' && !isNamed(plain)) return undefined
    }
    facts.push(text)
  }
  for (const directory of aimed.sysPath) {
    const names = host.files.stat(directory)?.kind === 'directory' ? host.files.names(directory) : undefined
    facts.push(directory)
    for (const name of names ?? []) {
      facts.push(name)
      // Whoever edits what a distribution says of itself changes a time or a size.
      if (!/\.(?:dist-info|egg-info|egg|egg-link|pth)$/.test(name)) continue
      const place = `${directory}${host.path.sep}${name}`
      const inside = /\.(?:dist-info|egg-info|egg)$/.test(name) ? `${place}${host.path.sep}METADATA` : place
      const seen = host.files.lstat(inside) ?? host.files.lstat(place)
      facts.push(`${seen?.size} ${seen?.modified} ${seen?.inode}`)
    }
  }
  return sha256Hex(facts.join('\n'))
}

function plainly(_: string, value: unknown): unknown {
  return value instanceof Set ? [...(value as ReadonlySet<string>)].sort() : value
}
