// What a requires-python says that is seldom what was meant: versions of Python have three numbers, and two are read as if the third were 0.

import type { Specifier, SpecifierSet } from './specifier.ts'

/** A sentence for each such specifier, with what to write for the other meaning. */
export function doubtsOfPythons({ specifiers }: SpecifierSet): readonly string[] {
  return specifiers.flatMap((one) => doubtOf(one) ?? [])
}

function doubtOf({ operator, versionText, wildcard }: Specifier): string | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(versionText) ?? []
  if (wildcard || major === undefined || minor === undefined) return undefined
  const [line, next] = [`${major}.${minor}`, `${major}.${Number(minor) + 1}`]
  const text = `${operator}${line}`
  if (operator === '~=') return `${text} is >=${line},<${Number(major) + 1}: for ${line} alone write ==${line}.*`
  if (operator === '==') return `${text} is ${line}.0 alone: for all of ${line} write ==${line}.*`
  if (operator === '<=') return `${text} leaves out ${line}.1 and what follows it: for all of ${line} write <${next}`
  if (operator === '>') return `${text} takes in ${line}.1 and what follows it: for ${next} and newer write >=${next}`
  return undefined
}
