// A requirement's versions, relaxed so far that they let one more through: in the words of who asked, as far as these can stay.

import {
  parseSpecifiers,
  type Specifier,
  type SpecifierSet,
  specifierContains,
  specifiersContain,
} from '../spec/specifier.ts'
import { compareVersions, isPrerelease, type Version } from '../spec/version.ts'

/**
 * Specifiers that let `version` through, which those given do not: ">=2,<4" becomes ">=2" for 5, "<4" becomes ">=4", "==1.0" another
 * version.
 */
export function relaxSpecifiers({ specifiers }: SpecifierSet, version: Version): string {
  const exact = `==${version.text}`
  const kept = specifiers.filter((one) => specifierContains(one, version))
  const given = specifiers.filter((one) => !kept.includes(one))
  if (given.some(({ operator, wildcard }) => operator === '===' || (operator === '==' && !wildcard))) return exact
  // What is left out may be all that kept the version within bounds: then the bound is turned round.
  const hasBound = kept.some(({ operator }) => operator !== '!=')
  const turned = hasBound ? [] : given.flatMap((one) => turn(one, version) ?? [])
  const text = [...kept.map(textOf), ...new Set(turned)].join(',')
  const fits = !isPrerelease(version) && specifiersContain(parseSpecifiers(text), version)
  return fits ? text : exact
}

function textOf({ operator, versionText }: Specifier): string {
  return operator + versionText
}

/** What lies on the other side of a bound; undefined for "not this one". */
function turn({ operator, version: bound, versionText }: Specifier, version: Version): string | undefined {
  if (bound === undefined) return undefined
  switch (operator) {
    case '<':
      return `>=${versionText}`
    case '<=':
      return `>${versionText}`
    case '>=':
      return `<${versionText}`
    case '>':
      return `<=${versionText}`
    case '~=':
    case '==':
      return compareVersions(version, bound) < 0 ? `<${bound.text}` : `>=${version.text}`
    default:
      return undefined
  }
}

/**
 * The same for several versions that are taken in different environments: those that are let through already say nothing. undefined
 * where all are, since then it is not these specifiers that are in the way.
 */
export function relaxFor<Taken extends { readonly version: Version }>(
  given: SpecifierSet,
  taken: readonly Taken[],
): { readonly text: string; readonly takes: Taken } | undefined {
  const isLet = (set: SpecifierSet, { version }: Taken): boolean =>
    specifiersContain(set, version, { prereleases: true })
  const outside = taken.filter((one) => !isLet(given, one))
  const [takes] = outside
  if (takes === undefined) return undefined
  const text = relaxSpecifiers(given, takes.version)
  const set = parseSpecifiers(text)
  return { text: taken.every((one) => isLet(set, one)) ? text : '', takes }
}
