// Requirements that one asks for together: those of one name and marker mean one that asks for what each of them does.

import { DenError } from '../base/error.ts'
import { hideCredentials } from '../base/safe-url.ts'
import type { Requirement } from '../spec/requirement.ts'
import { specifierSet } from '../spec/specifier.ts'

/** In the order in which each is first named. Throws `invalid-link` for one that is to come from two addresses. */
export function joinedRequirements(requirements: readonly Requirement[]): readonly Requirement[] {
  const joined: Requirement[] = []
  for (const one of requirements) {
    const at = joined.findIndex((other) => isSameWish(other, one))
    if (at === -1) joined.push(one)
    else joined[at] = bothOf(joined[at]!, one)
  }
  return joined
}

/** Whether the second takes the place of the first where it stands. */
export function isSameWish(one: Requirement, other: Requirement): boolean {
  return one.name === other.name && one.marker?.text === other.marker?.text
}

/** Throws `invalid-link` where each names an address of its own. */
export function bothOf(one: Requirement, other: Requirement): Requirement {
  const [before, url] = [one.url ?? other.url, other.url ?? one.url]
  if (before !== url)
    throw new DenError('invalid-link', { link: hideCredentials(url!), reason: secondPlace(one.rawName) })
  const { specifiers } = one.specifiers
  const known = new Set(specifiers.map(({ operator, versionText }) => operator + versionText))
  const more = other.specifiers.specifiers.filter(({ operator, versionText }) => !known.has(operator + versionText))
  return {
    ...one,
    extras: [...new Set([...one.extras, ...other.extras])].sort(),
    specifiers: specifierSet([...specifiers, ...more]),
    ...(url === undefined ? {} : { url }),
  }
}

/** Why one cannot be asked for. */
export function secondPlace(rawName: string): string {
  return `${rawName} is asked for from another place too: it can only come from one`
}
