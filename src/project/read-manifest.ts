// Finding and reading a project's pyproject.toml: the standards' tables first, then what den's table, den.toml and those of other tools
// settle, the stronger before the weaker.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import {
  isTomlTable,
  parseTomlDocument,
  type TomlDocument,
  type TomlTable,
  type TomlValue,
  tomlFault,
} from '../format/toml.ts'
import type { TomlPath } from '../format/toml-places.ts'
import type { Host } from '../host/host.ts'
import { type DependencyGroups, parseDependencyGroups } from '../spec/dependency-groups.ts'
import { readProjectTable, readPyproject } from '../spec/pyproject.ts'
import { intersectRanges } from '../spec/range.ts'
import type { Requirement } from '../spec/requirement.ts'
import type { ScriptMetadata } from '../spec/script-metadata.ts'
import { parseSpecifiers, type SpecifierSet } from '../spec/specifier.ts'
import type { Version } from '../spec/version.ts'
import type { IndexDefinition, Manifest, ResolutionSettings } from './manifest.ts'
import { type Place, placeAt, rootPlace, settingFault } from './place.ts'
import { checkUtf8, readUtf8 } from './read-text.ts'
import type { ToolSettings } from './settings-words.ts'
import { readDenSettings, unknownDenSettings } from './tool-den.ts'
import { readPdm } from './tool-pdm.ts'
import { isPoetryProject, type PoetryProject, readPoetry } from './tool-poetry.ts'
import { readUvSettings, type UvSettings, unheededUvSettings } from './tool-uv.ts'

type Machine = Pick<Host, 'files' | 'path' | 'now'>

/**
 * The nearest project at or above a directory: a pyproject.toml with [project], [dependency-groups] or the table of a tool whose projects
 * den understands. One without any of their words is passed over unread: if it is broken, that is not den's to complain of. Throws what
 * `readManifest` throws.
 */
export function findProject(host: Machine, directory: string): Manifest | undefined {
  const { files, path } = host
  for (let place = directory; ; place = path.dirname(place)) {
    const file = path.join(place, 'pyproject.toml')
    const text = files.stat(file)?.kind === 'file' ? files.readText(file) : undefined
    if (text !== undefined && /project|dependency-groups|\btool\b/.test(text)) {
      checkUtf8(host, file, text)
      const document = parseTomlDocument(text, { file })
      if (speaksOfProject(document.table)) return manifestWith(host, file, document)
    }
    if (path.dirname(place) === place) return undefined
  }
}

/**
 * Reads a pyproject.toml. Throws `no-project` where there is none or it speaks of none, `not-utf8`, `invalid-toml`, `invalid-pyproject`,
 * `invalid-project-settings`, `project-needs-itself`, `no-python-possible`, and `invalid-dependency-groups` for two groups of one name.
 */
export function readManifest(host: Machine, file: string): Manifest {
  const text = readUtf8(host, file)
  const document = text === undefined ? undefined : parseTomlDocument(text, { file })
  if (document === undefined || !speaksOfProject(document.table)) {
    throw new DenError('no-project', { directory: host.path.dirname(file) })
  }
  return manifestWith(host, file, document)
}

/** The project that a text says, for whoever has another text than the file's: the one that a change is about to write. */
export function manifestOf(host: Machine, file: string, text: string): Manifest {
  return manifestWith(host, file, parseTomlDocument(text, { file }))
}

function manifestWith(host: Machine, file: string, document: TomlDocument): Manifest {
  const { path } = host
  const directory = path.dirname(file)
  const beside = (name: string): TomlDocument | undefined => {
    const other = path.join(directory, name)
    const found = readUtf8(host, other)
    return found === undefined ? undefined : parseTomlDocument(found, { file: other })
  }
  return readDocument(document, {
    file,
    directory,
    now: host.now(),
    denToml: beside('den.toml'),
    uvToml: beside('uv.toml'),
  })
}

interface ManifestSurroundings {
  readonly file: string
  readonly directory: string
  readonly now: number
  readonly denToml?: TomlDocument | undefined
  readonly uvToml?: TomlDocument | undefined
}

/** Reads the text alone. Throws as `readManifest`. */
export function parseManifest(text: string, surroundings: ManifestSurroundings): Manifest {
  return readDocument(parseTomlDocument(text, { file: surroundings.file }), surroundings)
}

function readDocument(document: TomlDocument, surroundings: ManifestSurroundings): Manifest {
  const { file, directory } = surroundings
  const { buildSystem } = readPyproject(document)
  const root = rootPlace(document)
  const tools = readTools(root, surroundings)
  const standard = readProjectTable(document)
  const dialect = standard === undefined && tools.poetry !== undefined ? 'poetry' : 'standard'
  const project: Described | undefined = dialect === 'poetry' ? tools.poetry : standard
  const groups = withGroups(parseDependencyGroups(document), tools.groups)
  const { name, rawName, version, requiresPython, dependencies = [] } = project ?? {}
  const extras =
    standard?.optionalDependencies ?? (dialect === 'poetry' ? tools.poetry?.extras : undefined) ?? new Map()
  const pythonPath =
    dialect === 'poetry' ? ['tool', 'poetry', 'dependencies', 'python'] : ['project', 'requires-python']
  if (requiresPython !== undefined) checkPythons(document, pythonPath, requiresPython)
  if (name !== undefined) checkOwnName(document, name, dependencies, extras)
  return {
    file,
    directory,
    text: document.text,
    document,
    dialect,
    ...(name === undefined ? {} : { name }),
    ...(rawName === undefined ? {} : { rawName }),
    ...(version === undefined ? {} : { version }),
    ...(requiresPython === undefined ? {} : { requiresPython }),
    dependencies,
    extras,
    groups,
    defaultGroups: chooseDefaultGroups(root, groups, tools.layers),
    isPackage: name !== undefined && (first(tools.layers, 'isPackage') ?? buildSystem !== undefined),
    dynamic: standard?.dynamic ?? new Set(),
    settings: joinSettings(tools.layers),
    warnings: tools.warnings,
  }
}

/** What a script says (PEP 723), as a project of its own without a name. `text` and places are those of the block, not of the file. */
export function manifestOfScript(host: Machine, file: string, metadata: ScriptMetadata): Manifest {
  const { document, requiresPython, dependencies } = metadata
  const directory = host.path.dirname(file)
  const tools = readTools(rootPlace(document), { file, directory, now: host.now() })
  if (requiresPython !== undefined) checkPythons(document, ['requires-python'], requiresPython)
  return {
    file,
    directory,
    text: document.text,
    document,
    dialect: 'standard',
    script: host.path.basename(file),
    ...(requiresPython === undefined ? {} : { requiresPython }),
    dependencies,
    extras: new Map(),
    groups: { document, groups: new Map() },
    defaultGroups: [],
    isPackage: false,
    dynamic: new Set(),
    settings: joinSettings(tools.layers),
    warnings: tools.warnings,
  }
}

function speaksOfProject(table: TomlTable): boolean {
  const { project, 'dependency-groups': groups, tool } = table
  if (project !== undefined || groups !== undefined) return true
  return isTomlTable(tool) && ['den', 'uv', 'poetry', 'pdm'].some((name) => tool[name] !== undefined)
}

/** What [project] and poetry's table both say. */
interface Described {
  readonly name?: ProjectName
  readonly rawName?: string
  readonly version?: Version
  readonly requiresPython?: SpecifierSet
  readonly dependencies?: readonly Requirement[]
}

interface Tools {
  /** The strongest first. */
  readonly layers: readonly ToolSettings[]
  /** Groups that stand elsewhere than in [dependency-groups], with what is added to each. */
  readonly groups: ReadonlyMap<string, readonly TomlValue[]>
  readonly poetry?: PoetryProject
  readonly warnings: Manifest['warnings']
}

function readTools(root: Place, { now, denToml, uvToml }: ManifestSurroundings): Tools {
  const den = [denToml === undefined ? undefined : rootPlace(denToml), placeAt(root, 'tool', 'den')].filter(
    (place) => place !== undefined,
  )
  const uvPlace = placeAt(root, 'tool', 'uv')
  const uv: UvSettings = uvPlace === undefined ? {} : readUvSettings(uvPlace, now)
  const [poetryPlace, pdmPlace] = [placeAt(root, 'tool', 'poetry'), placeAt(root, 'tool', 'pdm')]
  const poetry = poetryPlace === undefined ? undefined : readPoetry(poetryPlace)
  const pdm = pdmPlace === undefined ? undefined : readPdm(pdmPlace)
  return {
    layers: [
      ...den.map((place) => readDenSettings(place, now)),
      ...(uvToml === undefined ? [] : [readUvSettings(rootPlace(uvToml), now)]),
      uv,
      ...(pdm === undefined ? [] : [pdm.settings]),
      ...(poetry === undefined ? [] : [poetry.settings]),
    ],
    groups: joinGroups([
      new Map(uv.devDependencies === undefined ? [] : [['dev', uv.devDependencies]]),
      pdm?.groups ?? new Map(),
      poetry?.groups ?? new Map(),
    ]),
    ...(poetry === undefined ? {} : { poetry: poetry.project }),
    warnings: [...den.flatMap(unknownDenSettings), ...(uvPlace === undefined ? [] : unheededUvSettings(uvPlace))],
  }
}

function first<Key extends keyof ToolSettings>(
  layers: readonly ToolSettings[],
  key: Key,
): ToolSettings[Key] | undefined {
  return layers.find((layer) => layer[key] !== undefined)?.[key]
}

/** Of a project that says nothing. */
export const noSettings: ResolutionSettings = joinSettings([])

function joinSettings(layers: readonly ToolSettings[]): ResolutionSettings {
  const optional = <Key extends keyof ResolutionSettings & keyof ToolSettings>(
    key: Key,
  ): Partial<ResolutionSettings> => {
    const value = first(layers, key)
    return value === undefined ? {} : { [key]: value }
  }
  const newest = layers.find(({ excludeNewer }) => excludeNewer !== undefined)
  return {
    // Of one project's sources the stronger tool's count alone.
    sources: new Map(layers.toReversed().flatMap(({ sources }) => [...(sources ?? [])])),
    indexes: joinIndexes(layers),
    findLinks: first(layers, 'findLinks') ?? [],
    constraints: first(layers, 'constraints') ?? [],
    overrides: first(layers, 'overrides') ?? [],
    exclusions: first(layers, 'exclusions') ?? [],
    environments: first(layers, 'environments') ?? [],
    requiredEnvironments: first(layers, 'requiredEnvironments') ?? [],
    conflicts: first(layers, 'conflicts') ?? [],
    ...optional('excludeNewer'),
    ...(newest?.excludeNewerAge === undefined ? {} : { excludeNewerAge: newest.excludeNewerAge }),
    ...optional('prereleases'),
    ...optional('strategy'),
    ...optional('forkStrategy'),
    noBinary: first(layers, 'noBinary') ?? [],
    onlyBinary: first(layers, 'onlyBinary') ?? [],
  }
}

/** All of them: a source of one tool's may name an index of the other's. Of one name, and of defaults, the strongest stays. */
function joinIndexes(layers: readonly ToolSettings[]): readonly IndexDefinition[] {
  const indexes: IndexDefinition[] = []
  for (const layer of layers) {
    const before = [...indexes]
    for (const index of layer.indexes ?? []) {
      const hidden = before.some(
        ({ name, isDefault }) => (name !== undefined && name === index.name) || (isDefault && index.isDefault),
      )
      if (!hidden) indexes.push(index)
    }
  }
  return indexes
}

function joinGroups(
  all: readonly ReadonlyMap<string, readonly TomlValue[]>[],
): ReadonlyMap<string, readonly TomlValue[]> {
  const joined = new Map<string, readonly TomlValue[]>()
  for (const groups of all) {
    for (const [name, items] of groups) joined.set(name, [...(joined.get(name) ?? []), ...items])
  }
  return joined
}

function withGroups(known: DependencyGroups, more: ReadonlyMap<string, readonly TomlValue[]>): DependencyGroups {
  if (more.size === 0) return known
  const groups = new Map(known.groups)
  for (const [name, requirements] of more) {
    const before = groups.get(name)
    if (before === undefined) groups.set(name, { rawName: name, value: requirements })
    else if (Array.isArray(before.value)) groups.set(name, { ...before, value: [...before.value, ...requirements] })
  }
  return { document: known.document, groups }
}

function chooseDefaultGroups(
  root: Place,
  { groups }: DependencyGroups,
  layers: readonly ToolSettings[],
): readonly string[] {
  const chosen = first(layers, 'defaultGroups')
  if (chosen === 'all') return [...groups.keys()]
  const optional = first(layers, 'optionalGroups')
  if (chosen === undefined && optional !== undefined) return [...groups.keys()].filter((name) => !optional.has(name))
  if (chosen === undefined) return groups.has('dev') ? ['dev'] : []
  for (const name of chosen) {
    if (groups.has(name)) continue
    const place =
      placeAt(root, 'tool', 'den', 'default-groups') ?? placeAt(root, 'tool', 'uv', 'default-groups') ?? root
    throw settingFault(place, `there is no group ${name}`)
  }
  return chosen
}

/** Every Python that there was, and that is to be expected. */
const pythons = parseSpecifiers('>=2,<4').range

function checkPythons(document: TomlDocument, path: TomlPath, { range }: SpecifierSet): void {
  if (intersectRanges(range, pythons).length > 0) return
  throw new DenError('no-python-possible', tomlFault(document, path, 'no Python is in this range'))
}

function checkOwnName(
  document: TomlDocument,
  name: ProjectName,
  dependencies: readonly Requirement[],
  extras: ReadonlyMap<ExtraName, readonly Requirement[]>,
): void {
  const check = (path: TomlPath, requirements: readonly Requirement[]): void => {
    const index = requirements.findIndex((one) => one.name === name && one.extras.length === 0)
    if (index === -1) return
    const reason = 'the project needs itself here, without one of its extras'
    const { rawName } = requirements[index]!
    const place = isPoetryProject(document) ? ['tool', 'poetry', 'dependencies', rawName] : [...path, index]
    throw new DenError('project-needs-itself', tomlFault(document, place, reason))
  }
  check(['project', 'dependencies'], dependencies)
  const written = document.table['project']
  const optional = isTomlTable(written) ? written['optional-dependencies'] : undefined
  for (const [index, rawName] of (isTomlTable(optional) ? Object.keys(optional) : []).entries()) {
    check(['project', 'optional-dependencies', rawName], [...extras.values()][index] ?? [])
  }
}
