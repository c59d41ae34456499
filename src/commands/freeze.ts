// `pip freeze`: what is installed, as requirements that give the same again.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { strip } from '../format/python-text.ts'
import type { Host } from '../host/host.ts'
import { normalizeName } from '../spec/name.ts'
import { formatVersion } from '../spec/version.ts'
import { checkoutReference } from './checkout-reference.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type InstalledFilter, viewInstalled } from './installed-view.ts'
import { directUrlOf, editableLocation, formatDirectReference } from './pip-direct-url.ts'
import type { SeenDistribution } from './pip-distributions.ts'

export interface FreezeRequest {
  readonly environment: EnvironmentWish
  readonly filter?: InstalledFilter
  /** Names that are left out of what no requirements file names. */
  readonly skip?: ReadonlySet<string>
  /** pip, and before Python 3.12 setuptools and wheel, too. */
  readonly all?: boolean
  /** Files whose order and comments are kept. */
  readonly requirementFiles?: readonly string[]
}

export interface FrozenRequirement {
  readonly project: ProjectName
  readonly name: string
  /** Lines: comments, then the requirement. */
  readonly lines: readonly string[]
}

export interface FreezeResult {
  /** Whole lines, as they are printed. */
  readonly lines: readonly string[]
  /** Sentences about the requirements files. */
  readonly warnings: readonly string[]
}

/** Freezes what is installed. Throws what `aimAt` throws, and `io-failed` for a requirements file that is not there. */
export async function freeze(core: Core, request: FreezeRequest): Promise<FreezeResult> {
  const { filter = {} } = request
  const { aimed, distributions, sysPath } = await viewInstalled(core, request.environment, filter)
  const { major, minor } = aimed.interpreter.version
  const tools = major === 3 && minor >= 12 ? ['pip'] : ['pip', 'setuptools', 'distribute', 'wheel']
  const skip = new Set([...(request.skip ?? []), ...(request.all === true ? [] : tools)])
  const frozen = new Map<ProjectName, FrozenRequirement>()
  for (const one of distributions) {
    const editable = editableLocation(core.host, one, sysPath)
    frozen.set(one.project, await frozenRequirement(core, one, editable))
  }
  const files = request.requirementFiles ?? []
  const kept = files.length === 0 ? { lines: [], warnings: [] } : followFiles(core.host, files, frozen)
  const rest = [...frozen.values()]
    .filter(({ project }) => !skip.has(project))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  const heading = files.length === 0 ? [] : ['## The following requirements were added by pip freeze:']
  return {
    lines: [...kept.lines, ...heading, ...rest.flatMap(({ lines }) => lines)],
    warnings: kept.warnings,
  }
}

/** "name==version"; three equal signs where the version is none. */
function nameAndVersion({ rawName, rawVersion, version }: SeenDistribution): string {
  return version === undefined ? `${rawName}===${rawVersion}` : `${rawName}==${formatVersion(version)}`
}

async function frozenRequirement(
  core: Core,
  one: SeenDistribution,
  editable: string | undefined,
): Promise<FrozenRequirement> {
  const named = { project: one.project, name: one.rawName }
  if (editable === undefined) {
    const record = directUrlOf(one)
    return {
      ...named,
      lines: [record === undefined ? nameAndVersion(one) : formatDirectReference(record, one.rawName)],
    }
  }
  const location = core.host.path.resolve(editable)
  const shown = nameAndVersion(one)
  const found = await checkoutReference(core, location, one.rawName)
  if (typeof found === 'string') return { ...named, lines: [`-e ${found}`] }
  const comments = {
    none: [`# Editable install with no version control (${shown})`],
    'no-remote': [`# Editable ${found.system} install with no remote (${shown})`],
    'bad-remote': [
      `# Editable ${found.system} install (${shown}) with either a deleted local remote or invalid URI:`,
      `# '${found.url}'`,
    ],
    failed: ['## !! Could not determine repository location'],
    'no-client': [],
  }[found.problem]
  return { ...named, lines: [...comments, `-e ${location}`] }
}

const keptOptions =
  /^(?:-r|--requirement|-f|--find-links|-i|--index-url|--pre|--trusted-host|--process-dependency-links|--extra-index-url|--use-feature)/

/** The files' own lines in their order, each requirement replaced by what is installed; what they name is taken out of `frozen`. */
function followFiles(
  host: Host,
  files: readonly string[],
  frozen: Map<ProjectName, FrozenRequirement>,
): { readonly lines: readonly string[]; readonly warnings: readonly string[] } {
  const lines: string[] = []
  const warnings: string[] = []
  const emitted = new Set<string>()
  const namedIn = new Map<string, string[]>()
  for (const file of files) {
    const text = host.files.readText(host.path.resolve(host.cwd, file))
    if (text === undefined) throw new DenError('io-failed', { operation: 'read', path: file, errno: 'ENOENT' })
    for (const raw of text.split(/\r\n|\r|\n/).slice(0, /[\r\n]$/.test(text) || text === '' ? -1 : undefined)) {
      const bare = strip(raw)
      if (bare === '' || bare.startsWith('#') || keptOptions.test(raw)) {
        const line = raw.trimEnd()
        if (!emitted.has(line)) lines.push(line)
        emitted.add(line)
        continue
      }
      const stated = strip(raw.replace(/(?:^|\s+)#.*$/, ''))
      const name = nameOf(raw.startsWith('-e') || raw.startsWith('--editable') ? raw : stated)
      if (name === undefined) continue
      const project = normalizeName(name)
      const found = frozen.get(project)
      const before = namedIn.get(name) ?? []
      if (found === undefined) {
        if (before.length === 0)
          warnings.push(`Requirement file [${file}] contains ${stated}, but package '${name}' is not installed`)
        else namedIn.set(name, [...before, file])
        continue
      }
      lines.push(...found.lines)
      frozen.delete(project)
      namedIn.set(name, [...before, file])
    }
  }
  for (const [name, places] of namedIn) {
    if (places.length > 1)
      warnings.push(`Requirement ${name} included multiple times [${[...new Set(places)].sort().join(', ')}]`)
  }
  return { lines, warnings }
}

/** The project that a line names: before a specifier, before ` @ `, or as `#egg=`. */
function nameOf(line: string): string | undefined {
  const egg = /[#&]egg=([A-Za-z0-9][\w.-]*)/.exec(line)?.[1]
  if (egg !== undefined) return egg
  return /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:$|[(;@=<>!~])/.exec(line)?.[1]
}
