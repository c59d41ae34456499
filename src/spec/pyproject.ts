// pyproject.toml: [build-system] (PEP 517, 518), what [project] says that an installer can use without running the backend (PEP 621,
// 685, 808), and [tool.*] as it stands. What only backends read (readme, authors, classifiers …) is left to them.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import {
  isTomlTable,
  parseTomlDocument,
  type TomlDocument,
  type TomlTable,
  type TomlValue,
  tomlFault,
  tomlTypeOf,
} from '../format/toml.ts'
import type { TomlPath } from '../format/toml-places.ts'
import { normalizeName, tryParseProjectName } from './name.ts'
import { reparse } from './reparse.ts'
import { parseRequirement, type Requirement } from './requirement.ts'
import { parseSpecifiers, type SpecifierSet } from './specifier.ts'
import { parseVersion, type Version } from './version.ts'

export interface BuildSystem {
  /** Requirements, as written; each of them is a valid one. */
  readonly requires: readonly string[]
  /** `module:object`; absent where setuptools' way of running setup.py is meant. */
  readonly backend?: string
  /** Directories of the source tree that come first on the backend's path, as written. */
  readonly backendPath?: readonly string[]
}

/** Undefined values are not there, or dynamic: see `dynamic`. */
export interface ProjectTable {
  readonly name: ProjectName
  readonly rawName: string
  readonly version?: Version
  readonly requiresPython?: SpecifierSet
  readonly dependencies?: readonly Requirement[]
  readonly optionalDependencies?: ReadonlyMap<ExtraName, readonly Requirement[]>
  /** Fields that the backend gives, or adds to (PEP 808). */
  readonly dynamic: ReadonlySet<string>
  /** All of it, as it stands. */
  readonly table: TomlTable
}

export interface Pyproject {
  /** Absent where the file says nothing of it. */
  readonly buildSystem?: BuildSystem
  readonly tool: TomlTable
  readonly document: TomlDocument
}

/**
 * Reads the file, but for [project]: whether that follows its standard is the backend's business, until somebody reads it without
 * one. Throws `invalid-toml` and `invalid-pyproject`.
 */
export function parsePyproject(text: string, options: { readonly file?: string } = {}): Pyproject {
  return readPyproject(parseTomlDocument(text, { file: options.file ?? 'pyproject.toml' }))
}

/** The same of a document that was read. Throws `invalid-pyproject`. */
export function readPyproject(document: TomlDocument): Pyproject {
  const buildSystem = readBuildSystem(document)
  return {
    ...(buildSystem === undefined ? {} : { buildSystem }),
    tool: tableAt(document, ['tool'], document.table['tool']) ?? emptyTable(),
    document,
  }
}

function readBuildSystem(document: TomlDocument): BuildSystem | undefined {
  const at = 'build-system'
  const table = tableAt(document, [at], document.table[at])
  if (table === undefined) return undefined
  const requires = table['requires']
  if (requires === undefined) {
    throw fault(document, [at], 'it must say what the build requires: requires = ["setuptools"]')
  }
  const list = strings(document, [at, 'requires'], requires)
  requirements(document, [at, 'requires'], requires)
  const backend = text(document, [at, 'build-backend'], table['build-backend'])
  if (backend !== undefined) checkBackend(document, backend)
  const backendPath = table['backend-path']
  return {
    requires: list,
    ...(backend === undefined ? {} : { backend }),
    ...(backendPath === undefined ? {} : { backendPath: readBackendPath(document, backendPath, backend) }),
  }
}

function checkBackend(document: TomlDocument, backend: string): void {
  const name = '[\\p{L}_][\\p{L}\\p{N}_]*'
  if (!new RegExp(`^${name}(?:\\.${name})*(?::${name}(?:\\.${name})*)?$`, 'u').test(backend)) {
    throw fault(
      document,
      ['build-system', 'build-backend'],
      'a backend is named like package.module or package.module:object',
    )
  }
}

/** Whether a directory lies within the source tree is seen by whoever builds: links count. */
function readBackendPath(document: TomlDocument, value: TomlValue, backend: string | undefined): readonly string[] {
  const path = ['build-system', 'backend-path']
  if (backend === undefined) throw fault(document, path, 'a path needs a backend that is on it: build-backend = "NAME"')
  return strings(document, path, value)
}

/** Reads [project]; undefined where there is none. Throws `invalid-pyproject`. */
export function readProjectTable(document: TomlDocument): ProjectTable | undefined {
  const table = tableAt(document, ['project'], document.table['project'])
  if (table === undefined) return undefined
  const dynamic = new Set(strings(document, ['project', 'dynamic'], table['dynamic'] ?? []))
  if (dynamic.has('name')) throw fault(document, ['project', 'dynamic'], 'a name is never dynamic')
  const rawName = text(document, ['project', 'name'], table['name'])
  if (rawName === undefined) throw fault(document, ['project'], 'the name is missing')
  const name = tryParseProjectName(rawName)
  if (name === undefined) throw fault(document, ['project', 'name'], 'this is no name of a project')
  const isStatic = (field: string): boolean => {
    if (table[field] === undefined) return false
    // PEP 808 lets backends add to tables and lists; a single value is static or dynamic.
    if (dynamic.has(field) && typeof table[field] === 'string') {
      throw fault(document, ['project', field], `${field} is dynamic, and so cannot stand here`)
    }
    return true
  }
  if (!isStatic('version') && !dynamic.has('version')) {
    throw fault(document, ['project'], 'the version is missing, and is not among the dynamic fields')
  }
  const version = text(document, ['project', 'version'], table['version'])
  const requiresPython = isStatic('requires-python')
    ? text(document, ['project', 'requires-python'], table['requires-python'])
    : undefined
  const { dependencies, 'optional-dependencies': optional } = table
  return {
    name,
    rawName,
    ...(version === undefined
      ? {}
      : { version: parsed(document, ['project', 'version'], () => parseVersion(version)) }),
    ...(requiresPython === undefined
      ? {}
      : { requiresPython: parsed(document, ['project', 'requires-python'], () => parseSpecifiers(requiresPython)) }),
    ...staticList(dependencies, dynamic, () => requirements(document, ['project', 'dependencies'], dependencies!)),
    ...(optional === undefined ? noExtras(dynamic) : { optionalDependencies: readExtras(document, optional) }),
    dynamic,
    table,
  }
}

/** A list that isn't there and isn't dynamic is an empty one. */
function staticList(
  value: TomlValue | undefined,
  dynamic: ReadonlySet<string>,
  read: () => readonly Requirement[],
): { readonly dependencies?: readonly Requirement[] } {
  if (value !== undefined) return { dependencies: read() }
  return dynamic.has('dependencies') ? {} : { dependencies: [] }
}

function noExtras(dynamic: ReadonlySet<string>): Pick<ProjectTable, 'optionalDependencies'> {
  return dynamic.has('optional-dependencies') ? {} : { optionalDependencies: new Map() }
}

function readExtras(document: TomlDocument, value: TomlValue): ReadonlyMap<ExtraName, readonly Requirement[]> {
  const path = ['project', 'optional-dependencies']
  const extras = new Map<ExtraName, readonly Requirement[]>()
  for (const [written, list] of Object.entries(tableAt(document, path, value)!)) {
    if (tryParseProjectName(written) === undefined)
      throw fault(document, [...path, written], 'this is no name of an extra')
    const name = normalizeName(written) as string as ExtraName
    if (extras.has(name)) throw fault(document, [...path, written], `the extra ${name} stands here for the second time`)
    extras.set(name, requirements(document, [...path, written], list))
  }
  return extras
}

function tableAt(document: TomlDocument, path: TomlPath, value: TomlValue | undefined): TomlTable | undefined {
  if (value === undefined || isTomlTable(value)) return value
  throw fault(document, path, `here belongs a table, this is ${tomlTypeOf(value)}`)
}

function text(document: TomlDocument, path: TomlPath, value: TomlValue | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw fault(document, path, `here belongs a string, this is ${tomlTypeOf(value)}`)
}

function strings(document: TomlDocument, path: TomlPath, value: TomlValue): readonly string[] {
  if (!Array.isArray(value)) throw fault(document, path, `here belongs a list of strings, this is ${tomlTypeOf(value)}`)
  return (value as readonly TomlValue[]).map((item, index) => text(document, [...path, index], item)!)
}

function requirements(document: TomlDocument, path: TomlPath, value: TomlValue): readonly Requirement[] {
  return strings(document, path, value).map((item, index) =>
    parsed(document, [...path, index], () => parseRequirement(item)),
  )
}

/** Runs a parser over a string of the document; its error gets its place in the file. */
function parsed<Value>(document: TomlDocument, path: TomlPath, parse: () => Value): Value {
  return reparse(parse, (reason, span) => fault(document, path, reason, span))
}

function fault(document: TomlDocument, path: TomlPath, reason: string, within?: Span): DenError<'invalid-pyproject'> {
  return new DenError('invalid-pyproject', tomlFault(document, path, reason, within))
}

function emptyTable(): TomlTable {
  return Object.create(null) as TomlTable
}
