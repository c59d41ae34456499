// A universal answer written down by hand, for tests of locks: what the resolver would have found, without it.

import { tryParseUrl } from '../../src/base/safe-url.ts'
import type { DistributionFile } from '../../src/indexes/distribution-file.ts'
import type { AnswerDependency, AnswerLink, AnswerPackage, UniversalAnswer } from '../../src/project/lock-answer.ts'
import type { LockedManifest } from '../../src/project/lock-inputs.ts'
import { inputsOf, rootsOfInputs } from '../../src/project/lock-inputs.ts'
import { parseSdistFilename, parseWheelFilename } from '../../src/spec/filename.ts'
import { parseMarker } from '../../src/spec/marker.ts'
import { andMarkers, markersDisjoint } from '../../src/spec/marker-algebra.ts'
import { normalizeName } from '../../src/spec/name.ts'
import { parseRequirement, type Requirement } from '../../src/spec/requirement.ts'
import { formatSpecifiers, specifiersContain } from '../../src/spec/specifier.ts'
import { parseVersion } from '../../src/spec/version.ts'

export interface WrittenPackage {
  readonly name: string
  readonly version: string
  readonly marker?: string
  /** Its Requires-Dist, with the extras that somebody asks for in `extras`. */
  readonly requires?: readonly string[]
  readonly extras?: readonly string[]
  readonly requiresPython?: string
  /** One wheel for any Python unless said. */
  readonly files?: readonly DistributionFile[]
  readonly link?: AnswerLink
}

/** A file of an index. */
export function indexFile(
  filename: string,
  more: Partial<DistributionFile> & { readonly url?: string } = {},
): DistributionFile {
  const { url = `https://files.example.org/${filename}`, ...rest } = more
  return {
    parsed: filename.endsWith('.whl') ? parseWheelFilename(filename) : parseSdistFilename(filename),
    place: { kind: 'url', url: tryParseUrl(url)! },
    hashes: { sha256: 'ab'.repeat(32) },
    size: 1000,
    uploaded: Date.parse('2025-01-25T11:30:12Z'),
    foundAt: 'https://index.example.org/simple/',
    ...rest,
  }
}

/** The answer: edges lead to those of a name whose markers can hold together with theirs. */
export function writtenAnswer(manifest: LockedManifest, written: readonly WrittenPackage[]): UniversalAnswer {
  const edgesOf = (requirement: Requirement, from: string | undefined): readonly AnswerDependency[] => {
    const named = written.filter(({ name }) => normalizeName(name) === requirement.name)
    return named.flatMap(({ version, marker }): readonly AnswerDependency[] => {
      const parsed = parseVersion(version)
      if (!specifiersContain(requirement.specifiers, parsed, { prereleases: true })) return []
      const markers = [
        requirement.marker,
        named.length > 1 && marker !== undefined ? parseMarker(marker) : undefined,
      ].filter((one) => one !== undefined)
      const [first, ...more] = markers
      const all = first === undefined ? undefined : andMarkers(first, ...more)
      if (all !== undefined && from !== undefined && markersDisjoint(parseMarker(from), all)) return []
      return [
        {
          name: requirement.name,
          version: parsed,
          extras: requirement.extras,
          specifiers: formatSpecifiers(requirement.specifiers),
          ...(all === undefined ? {} : { marker: all }),
        },
      ]
    })
  }
  const packages = written.map((one): AnswerPackage => {
    const { name, version, marker, requires = [], extras = [], requiresPython, link } = one
    const filename = `${name.replace(/[-.]/g, '_')}-${version}-py3-none-any.whl`
    return {
      name: normalizeName(name),
      version: parseVersion(version),
      ...(marker === undefined ? {} : { marker: parseMarker(marker) }),
      ...(requiresPython === undefined ? {} : { requiresPython }),
      files: link === undefined ? (one.files ?? [indexFile(filename)]) : [],
      ...(link === undefined ? {} : { link }),
      extras: extras.map((extra) => normalizeName(extra) as string as AnswerPackage['extras'][number]),
      dependencies: requires.map(parseRequirement).flatMap((requirement) => {
        const { marker: own, ...rest } = requirement
        // The resolver has done with extras by then: a line of an extra that is asked for is a line like any other.
        const isOfExtra = own?.text.includes('extra ') === true
        if (isOfExtra && !extras.some((extra) => own.text.includes(`"${extra}"`))) return []
        return edgesOf(isOfExtra ? rest : requirement, marker)
      }),
      metadata: { requiresDist: requires },
    }
  })
  const roots = rootsOfInputs(inputsOf(manifest)).flatMap(({ requirement, extra, group }) => {
    const when =
      extra !== undefined
        ? parseMarker(`'${extra}' in extras`)
        : group && parseMarker(`'${group}' in dependency_groups`)
    return edgesOf(requirement, undefined).map((edge) => (when ? { ...edge, when } : edge))
  })
  return { packages, roots }
}
