// Answers of the resolver as data that can be written down, and read back without what they came from: files by the rows of their indexes'
// pages. Only answers of which every file is an index's can be kept so.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { defined } from '../base/defined.ts'
import { type Marker, parseMarker } from '../spec/marker.ts'
import { parseVersion, type Version } from '../spec/version.ts'
import {
  distributionOfKept,
  fileOfKept,
  type Indexes,
  type KeptDistribution,
  type KeptFile,
  keptDistribution,
  keptFile,
} from './kept-distribution.ts'
import { noStatistics, type ResolveResult, type WantedRequirement } from './resolve-request.ts'
import type { UniversalDependency, UniversalPackage, UniversalResult } from './universal-request.ts'

export interface KeptResult {
  readonly distributions: readonly KeptDistribution[]
  /** By their places among the requirements. */
  readonly ignored: readonly number[]
  readonly yanked: readonly (readonly [name: ProjectName, version: string, file: string, reason: string | null])[]
  readonly unknownExtras: readonly (readonly [name: ProjectName, version: string, extra: string])[]
}

export interface KeptUniversal {
  readonly packages: readonly KeptPackage[]
  readonly roots: readonly KeptDependency[]
  readonly forks: readonly string[]
  readonly yanked: readonly (readonly [name: ProjectName, version: string, reason: string | null])[]
  readonly unknownExtras: readonly (readonly [name: ProjectName, version: string, extra: string])[]
}

interface KeptPackage {
  readonly name: ProjectName
  readonly version: string
  readonly marker?: string
  readonly requiresPython?: string
  readonly files: readonly KeptFile[]
  readonly extras: readonly ExtraName[]
  readonly dependencies: readonly KeptDependency[]
  /** What a lock says of edges that are an extra's; of the rest of the metadata nobody asks. */
  readonly requiresDist?: readonly string[]
}

type KeptDependency = readonly [
  name: ProjectName,
  version: string,
  specifiers: string,
  extras: readonly ExtraName[],
  marker: string | null,
  when?: string,
]

// One target

/** Undefined where something of it cannot be kept. */
export function keptResult(
  { distributions, ignored, yanked, unknownExtras }: ResolveResult,
  indexes: Indexes,
  requirements: readonly WantedRequirement[],
): KeptResult | undefined {
  const kept = distributions.map((one) => keptDistribution(one, indexes))
  if (!kept.every((one) => one !== undefined)) return undefined
  return {
    distributions: kept,
    ignored: ignored.map((one) => requirements.indexOf(one)),
    yanked: yanked.map(({ name, version, file, reason }) => [name, version.text, file, reason ?? null]),
    unknownExtras: unknownExtras.map(({ name, version, extra }) => [name, version.text, extra]),
  }
}

export function resultOfKept(
  { distributions, ignored, yanked, unknownExtras }: KeptResult,
  indexes: Indexes,
  requirements: readonly WantedRequirement[],
): ResolveResult {
  return {
    distributions: distributions.map((one) => distributionOfKept(one, indexes)),
    ignored: ignored.map((at) => requirements[at]!),
    yanked: yanked.map(([name, version, file, reason]) => ({
      name,
      version: parseVersion(version),
      file,
      ...(reason === null ? {} : { reason }),
    })),
    unknownExtras: unknownExtras.map(([name, version, extra]) => ({ name, version: parseVersion(version), extra })),
    statistics: { ...noStatistics, remembered: true },
  }
}

// Every environment

/** Undefined where something of it cannot be kept. Without `indexes` its files are not: who reads them must not want any. */
export function keptUniversal(
  { packages, roots, forks, yanked, unknownExtras }: UniversalResult,
  indexes: Indexes | undefined,
): KeptUniversal | undefined {
  const kept: KeptPackage[] = []
  for (const one of packages) {
    const { name, version, marker, requiresPython, link, extras, dependencies, metadata } = one
    const files = indexes === undefined ? [] : one.files.map((file) => keptFile(file, indexes))
    if (link !== undefined || !files.every((file) => file !== undefined)) return undefined
    kept.push({
      name,
      version: version.text,
      ...defined({ marker: marker?.text, requiresPython }),
      files,
      extras,
      dependencies: dependencies.map((edge) => keptDependency(edge)),
      ...(extras.length === 0 || metadata === undefined ? {} : { requiresDist: metadata.requiresDist }),
    })
  }
  return {
    packages: kept,
    roots: roots.map((edge) => keptDependency(edge, edge.when)),
    forks: forks.map(({ text }) => text),
    yanked: yanked.map(({ name, version, reason }) => [name, version.text, reason ?? null]),
    unknownExtras: unknownExtras.map(({ name, version, extra }) => [name, version.text, extra]),
  }
}

function keptDependency(
  { name, version, specifiers, extras, marker }: UniversalDependency,
  when?: Marker,
): KeptDependency {
  const one = [name, version.text, specifiers, extras, marker?.text ?? null] as const
  return when === undefined ? one : [...one, when.text]
}

export function universalOfKept(
  { packages, roots, forks, yanked, unknownExtras }: KeptUniversal,
  indexes: Indexes,
): UniversalResult {
  // Each stands in many places.
  const versions = new Map<string, Version>()
  const markers = new Map<string, Marker>()
  const versionOf = (text: string): Version => known(versions, text, parseVersion)
  const markerOf = (text: string): Marker => known(markers, text, parseMarker)
  const dependencyOf = ([name, version, specifiers, extras, marker]: KeptDependency): UniversalDependency => ({
    name,
    version: versionOf(version),
    specifiers,
    extras,
    ...(marker === null ? {} : { marker: markerOf(marker) }),
  })
  return {
    packages: packages.map((one): UniversalPackage => {
      const { name, marker, requiresPython, extras, requiresDist } = one
      const version = versionOf(one.version)
      return {
        name,
        version,
        ...(marker === undefined ? {} : { marker: markerOf(marker) }),
        ...defined({ requiresPython }),
        files: one.files.map((file) => fileOfKept(file, { name, version }, indexes)),
        extras,
        dependencies: one.dependencies.map(dependencyOf),
        ...(requiresDist === undefined ? {} : { metadata: { requiresDist } }),
      }
    }),
    roots: roots.map((edge) => ({
      ...dependencyOf(edge),
      ...(edge[5] === undefined ? {} : { when: markerOf(edge[5]) }),
    })),
    forks: forks.map(markerOf),
    yanked: yanked.map(([name, version, reason]) => ({
      name,
      version: versionOf(version),
      ...(reason === null ? {} : { reason }),
    })),
    unknownExtras: unknownExtras.map(([name, version, extra]) => ({ name, version: versionOf(version), extra })),
    statistics: { ...noStatistics, remembered: true, forksTried: 0 },
  }
}

function known<Value>(all: Map<string, Value>, text: string, make: (text: string) => Value): Value {
  let value = all.get(text)
  if (value === undefined) {
    value = make(text)
    all.set(text, value)
  }
  return value
}
