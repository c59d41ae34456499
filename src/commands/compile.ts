// `pip compile`: the versions that loose requirements lead to, as a requirements.txt that says of each pin who wants it. The pins of the
// output file that is there are kept as long as they fit, so that a run changes what it was asked to change.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type {
  ResolvedDistribution,
  ResolveResult,
  ResolveStatistics,
  WantedRequirement,
} from '../engine/resolve-request.ts'
import type { UniversalPreference } from '../engine/universal-request.ts'
import type { PackageSource } from '../indexes/package-source.ts'
import { overWholePages } from '../indexes/whole-pages.ts'
import { type Marker, tryParseMarker } from '../spec/marker.ts'
import { normalizeName } from '../spec/name.ts'
import { parsePyproject, readProjectTable } from '../spec/pyproject.ts'
import { parseRequirement } from '../spec/requirement.ts'
import { parseSpecifiers } from '../spec/specifier.ts'
import { tryParseVersion } from '../spec/version.ts'
import type { Core } from './core.ts'
import type { PackagesRequest } from './install-request.ts'
import { late } from './late.ts'
import type { OpenPackages } from './packages.ts'
import { type AskedPackages, askPackages, type ResolveWishes, type UniversalWishes } from './packages-asked.ts'
import { formatDirectReference } from './pip-direct-url.ts'
import { aimAt, aimAtPython, wholeAim } from './pip-environment.ts'
import { rememberedResult, rememberedUniversal } from './remembered-resolution.ts'
import { resolutionWarnings } from './resolution-warnings.ts'
import { standardInputPlace } from './wanted.ts'

export interface CompileRequest {
  /** Its `wanted.requirementFiles` are the sources; a pyproject.toml counts by what its project depends on. */
  readonly packages: PackagesRequest
  /** Absolute; the pins in it are kept. */
  readonly output?: string
  /** Pay no heed to any pin, or to those of these projects; a version pins anew. */
  readonly upgrade: boolean
  readonly upgradePackages: readonly string[]
  readonly extras: readonly string[] | 'all'
  readonly strategy?: 'highest' | 'lowest' | 'lowest-direct'
  readonly hashes: boolean
  /** No line for these. */
  readonly leftOut: ReadonlySet<ProjectName>
  readonly stripExtras: boolean
  readonly annotate: boolean
  /** What stands on top, without `#`. */
  readonly header: readonly string[]
  readonly indexOptions: boolean
  /** For every platform, and for the Pythons from this one on ("this": from the environment's): one pin a version, each with the marker of where it is for. */
  readonly universalFrom?: string
}

export interface CompiledPin {
  readonly name: ProjectName
  readonly version: string
  /** Where the pin is for; absent: everywhere. */
  readonly marker?: string
  /** The files that name it, and the projects that require it. */
  readonly via: readonly string[]
}

export interface CompileResult {
  readonly text: string
  readonly pins: readonly CompiledPin[]
  /** The output file had this text already. */
  readonly unchanged: boolean
  readonly warnings: readonly string[]
  readonly statistics: ResolveStatistics
}

/** Compiles, and writes the output file where one is named. Throws as `installPackages`, and for an output that is a source as well. */
export async function compileRequirements(core: Core, request: CompileRequest): Promise<CompileResult> {
  const { host } = core
  checkOutput(core, request)
  const before = request.output === undefined ? undefined : host.files.readText(request.output)
  const { projects, files } = splitSources(request.packages.wanted.requirementFiles, host.path)
  const { wanted } = request.packages
  const packages = { ...request.packages, wanted: { ...wanted, requirementFiles: files } }
  const { environment } = packages
  const aimed = await (environment.requireVirtual ? aimAt : aimAtPython)(core, environment)
  const asked = await askPackages(core, packages, aimed)
  const { read } = asked
  const opened = late(async () => {
    const { openAsked } = await import('./packages.ts')
    return openAsked(packages, asked, await wholeAim(core, environment, aimed))
  })
  try {
    const requirements = [
      ...read.requirements,
      ...projects.flatMap((file) => projectRequirements(core, file, request.extras)),
    ]
    const preferences = request.upgrade ? new Map<ProjectName, UniversalPreference[]>() : pinsIn(before ?? '')
    const anew = request.upgradePackages.map(parseRequirement)
    for (const { name } of anew) preferences.delete(name)
    const moreConstraints = anew
      .filter(({ specifiers }) => specifiers.specifiers.length > 0)
      .map((requirement) => ({ text: requirement.name, requirement, extras: [] }))
    const choosing = { request, requirements, preferences, moreConstraints }
    const { sorted, statistics, warnings } = await chosenFor(asked, opened.open, choosing)
    const via = viaOf(core, sorted, { requirements, constraints: read.constraints }, request)
    const lines = request.header.map((line) => `# ${line}`.trimEnd())
    if (request.indexOptions) lines.push(...indexLines(request.packages))
    for (const one of sorted) {
      if (request.leftOut.has(one.name)) continue
      const hashes = request.hashes ? await hashesOf(one, (await opened.open()).source) : []
      lines.push(...pinLines(one, { hashes, via: request.annotate ? (via.get(one.name) ?? []) : [], request }))
    }
    const left = sorted.filter(({ name }) => request.leftOut.has(name)).map(({ name }) => name)
    if (left.length > 0) lines.push('', '# Left out:', ...left.map((name) => `# ${name}`))
    const text = lines.length === 0 ? '' : `${lines.join('\n')}\n`
    const unchanged = text === before
    if (request.output !== undefined && !unchanged) {
      host.disk.makeDirectories(host.path.dirname(request.output))
      host.disk.writeAtomic(request.output, text)
    }
    return {
      text,
      unchanged,
      pins: sorted.map(({ name, version, marker }) => ({
        name,
        version: version.text,
        ...(marker === undefined ? {} : { marker: marker.text }),
        via: via.get(name) ?? [],
      })),
      warnings: [...read.warnings, ...warnings],
      statistics,
    }
  } finally {
    await opened.close()
    asked.close()
  }
}

/** What was asked for would be lost, and the pins be all that there is. */
function checkOutput({ host: { path, cwd } }: Core, { output, packages }: CompileRequest): void {
  const isSource = packages.wanted.requirementFiles.some((file) => file !== '-' && path.resolve(cwd, file) === output)
  if (!isSource || output === undefined) return
  throw new DenError('pip-options-refused', {
    command: 'pip compile',
    because: `${path.basename(output)} is what the pins are made from, and would be written over with them`,
    fix: ['keep what is asked for in a file of its own: den pip compile requirements.in -o requirements.txt'],
  })
}

/** What a pin is made of. */
type Chosen = Pick<ResolvedDistribution, 'name' | 'version' | 'extras' | 'link' | 'editable'> & {
  readonly dependencies: readonly ProjectName[]
  readonly marker?: Marker
}

interface Choosing {
  readonly request: CompileRequest
  readonly requirements: readonly WantedRequirement[]
  readonly preferences: ReadonlyMap<ProjectName, readonly UniversalPreference[]>
  readonly moreConstraints: readonly WantedRequirement[]
}

interface Solved {
  /** By name, then from old to new. */
  readonly sorted: readonly Chosen[]
  readonly statistics: ResolveStatistics
  /** Sentences. */
  readonly warnings: readonly string[]
}

async function chosenFor(
  asked: AskedPackages,
  open: () => Promise<OpenPackages>,
  { request, requirements, preferences, moreConstraints }: Choosing,
): Promise<Solved> {
  const strategy = request.strategy === undefined ? {} : { strategy: request.strategy }
  const around = { ...asked.around, source: async () => (await open()).source }
  if (request.universalFrom === undefined) {
    const one = new Map([...preferences].map(([name, all]) => [name, all[0]!.version] as const))
    const wishes: ResolveWishes = { requirements, preferences: one, ...strategy, moreConstraints }
    const solve = async (): Promise<ResolveResult> => (await open()).resolve(wishes)
    // What a lock file says is nothing that was solved.
    const hasLocks = asked.read.locks.length > 0
    const answer = hasLocks ? await solve() : await rememberedResult(around, asked.question(wishes), solve)
    const sorted = [...answer.distributions].sort((a, b) => (a.name < b.name ? -1 : 1))
    return { sorted, statistics: answer.statistics, warnings: resolutionWarnings(answer) }
  }
  const wishes: UniversalWishes = {
    roots: requirements,
    moreConstraints,
    preferences,
    requiresPython: parseSpecifiers(
      `>=${request.universalFrom === 'this' ? shortVersion(asked) : request.universalFrom}`,
    ),
    ...strategy,
  }
  const answer = await rememberedUniversal(around, asked.universalQuestion(wishes), async () =>
    (await open()).resolveUniversal(wishes),
  )
  const sorted = answer.packages.map(({ name, version, extras, marker, link, dependencies }) => ({
    name,
    version,
    extras,
    ...(marker === undefined ? {} : { marker }),
    ...(link === undefined ? {} : { link, editable: link.editable }),
    dependencies: [...new Set(dependencies.map((one) => one.name))],
  }))
  return { sorted, statistics: answer.statistics, warnings: resolutionWarnings(answer) }
}

function shortVersion({ target }: AskedPackages): string {
  return target.pythonVersion.release.slice(0, 2).join('.')
}

function splitSources(
  all: readonly string[],
  { basename }: Core['host']['path'],
): { readonly projects: readonly string[]; readonly files: readonly string[] } {
  const isProject = (file: string): boolean => basename(file) === 'pyproject.toml'
  return { projects: all.filter(isProject), files: all.filter((file) => !isProject(file)) }
}

/** What a project depends on by its pyproject.toml. Throws `pip-options-refused` where only a build would tell. */
function projectRequirements(core: Core, file: string, extras: CompileRequest['extras']): readonly WantedRequirement[] {
  const { host } = core
  const path = host.path.resolve(host.cwd, file)
  const text = host.files.readText(path)
  if (text === undefined) throw new DenError('requirements-file-missing', { path, constraint: false })
  const project = readProjectTable(parsePyproject(text, { file }).document)
  const dynamic = project?.dynamic ?? new Set<string>()
  const optional = new Map([...(project?.optionalDependencies ?? [])].map(([name, list]) => [name as string, list]))
  if (project === undefined || dynamic.has('dependencies') || dynamic.has('optional-dependencies'))
    throw new DenError('pip-options-refused', {
      command: 'pip compile',
      because: `${file} does not tell what its project depends on: ${project === undefined ? 'it has no [project]' : 'its dependencies are dynamic'}`,
      fix: ['write a requirements.in that names the directory: .'],
    })
  const chosen = extras === 'all' ? [...optional.keys()] : extras.map((extra) => normalizeName(extra) as string)
  const unknown = chosen.filter((extra) => !optional.has(extra))
  if (unknown.length > 0)
    throw new DenError('pip-options-refused', {
      command: 'pip compile',
      because: `${file} has no extra ${unknown.join(', ')}`,
      fix: [`take one of: ${[...optional.keys()].join(', ') || 'none, it has no extras'}`],
    })
  const all = [...(project.dependencies ?? []), ...chosen.flatMap((extra) => optional.get(extra) ?? [])]
  return all.map((requirement) => ({
    text: requirement.rawName,
    requirement,
    extras: [],
    from: { file, line: 0 },
    ...(requirement.url === undefined ? {} : { link: requirement.url }),
  }))
}

/** `name==version` at the beginning of a line, and the marker after it; all else of an earlier output is made anew. */
function pinsIn(text: string): Map<ProjectName, UniversalPreference[]> {
  const pins = new Map<ProjectName, UniversalPreference[]>()
  for (const line of text.split(/\r?\n/)) {
    const [, rawName, written, words] =
      /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;#\\]+)(?:\s*;\s*([^#\\]+))?/.exec(line) ?? []
    const version = written === undefined ? undefined : tryParseVersion(written)
    if (rawName === undefined || version === undefined) continue
    const marker = words === undefined ? undefined : tryParseMarker(words.trim())
    const name = normalizeName(rawName)
    const one = { version, ...(marker === undefined ? {} : { marker }) }
    pins.set(name, [...(pins.get(name) ?? []), one])
  }
  return pins
}

/** Who wants each: files with `-r` and `-c` before them, then projects. */
function viaOf(
  core: Core,
  chosen: readonly Chosen[],
  lines: Readonly<Record<'requirements' | 'constraints', readonly WantedRequirement[]>>,
  { output, packages }: Pick<CompileRequest, 'output' | 'packages'>,
): ReadonlyMap<ProjectName, readonly string[]> {
  const { path, cwd } = core.host
  const via = new Map<ProjectName, Set<string>>(chosen.map(({ name }) => [name, new Set()]))
  const base = output === undefined ? cwd : path.dirname(output)
  const input = packages.wanted.standardInput === undefined ? undefined : standardInputPlace(core.host)
  const shown = (file: string): string => {
    if (path.resolve(cwd, file) === input) return '-'
    return /^\w+:\/\//.test(file)
      ? file
      : path.relative(path.isAbsolute(file) ? base : cwd, path.resolve(cwd, file)) || file
  }
  const byLink = new Map(chosen.flatMap((one) => (one.link === undefined ? [] : [[one.link.directUrl.url, one.name]])))
  const all = [
    ...lines.requirements.map((line) => ['-r', line] as const),
    ...lines.constraints.map((line) => ['-c', line] as const),
  ]
  for (const [option, line] of all) {
    const name = line.requirement?.name ?? byLink.get(line.link ?? '') ?? linkedName(chosen, line)
    if (name === undefined) continue
    const from = line.from === undefined ? undefined : shown(line.from.file)
    const isProject = from !== undefined && path.basename(from) === 'pyproject.toml'
    if (from !== undefined) via.get(name)?.add(isProject ? from : `${option} ${from}`)
  }
  for (const one of chosen) for (const name of one.dependencies) via.get(name)?.add(one.name)
  return new Map([...via].map(([name, all]) => [name, [...all].sort(filesFirst)]))
}

function linkedName(chosen: readonly Chosen[], { link }: WantedRequirement): ProjectName | undefined {
  if (link === undefined) return undefined
  return chosen.find((one) => one.link !== undefined && link.includes(one.link.directUrl.url))?.name
}

function filesFirst(a: string, b: string): number {
  const [first, second] = [a.startsWith('-'), b.startsWith('-')]
  if (first !== second) return first ? -1 : 1
  return a < b ? -1 : 1
}

function pinLines(
  one: Chosen,
  about: { readonly hashes: readonly string[]; readonly via: readonly string[]; readonly request: CompileRequest },
): readonly string[] {
  const { hashes, via, request } = about
  const extras = request.stripExtras || one.extras.length === 0 ? '' : `[${one.extras.join(',')}]`
  const rawName = `${one.name}${extras}`
  const told = one.link?.directUrl
  const bare =
    told === undefined
      ? `${rawName}==${one.version.text}`
      : one.editable === true
        ? `-e ${told.url}`
        : formatDirectReference(told, rawName)
  const pin = one.marker === undefined ? bare : `${bare} ; ${one.marker.text}`
  const head =
    hashes.length === 0
      ? [pin]
      : [`${pin} \\`, ...hashes.map((hash, at) => `    --hash=${hash}${at < hashes.length - 1 ? ' \\' : ''}`)]
  if (via.length === 0) return head
  if (via.length === 1) return [...head, `    # via ${via[0]}`]
  return [...head, '    # via', ...via.map((each) => `    #   ${each}`)]
}

/** Of every file of the version: who installs may need another one. */
async function hashesOf(one: Chosen, source: PackageSource): Promise<readonly string[]> {
  if (one.link !== undefined) {
    const hashes = Object.entries(one.link.directUrl.archive_info?.hashes ?? {})
    return hashes.map(([algorithm, digest]) => `${algorithm}:${digest}`)
  }
  const files = await overWholePages(async () => {
    const project = await source.project(one.name)
    return project?.versions.filter(({ version }) => version.key === one.version.key).flatMap((each) => each.files)
  })
  const found = new Set<string>()
  for (const file of files ?? []) {
    const promised = file.hashes['sha256']
    if (promised !== undefined) found.add(`sha256:${promised}`)
    else {
      const fetched = await source.fetch(file)
      fetched.release?.()
      if (fetched.sha256 !== undefined) found.add(`sha256:${fetched.sha256}`)
    }
  }
  return [...found].sort()
}

/** Addresses are written as they were given, without their credentials. */
function indexLines({ sources }: PackagesRequest): readonly string[] {
  const bare = (address: string): string => address.replace(/\/\/[^/@]*@/, '//')
  return [
    ...(sources.index === undefined ? [] : [`--index-url ${bare(sources.index)}`]),
    ...sources.extraIndexes.map((address) => `--extra-index-url ${bare(address)}`),
    ...(sources.noIndex ? ['--no-index'] : []),
    ...sources.findLinks.map((place) => `--find-links ${bare(place)}`),
  ]
}
