// What metadata wishes. Thirty thousand lines of metadata hold about five thousand different ones, of which most belong to extras that
// nobody asks for. So every text is looked at once; what a line wishes is made when it is wanted; and lines of the ordinary form, which
// nearly all are, are taken apart by one expression and are known to be right without being parsed.

import { isDenError } from '../base/error.ts'
import { evaluateMarker, type MarkerEnvironment, type MarkerExpression, parseMarker } from '../spec/marker.ts'
import type { Metadata } from '../spec/metadata.ts'
import { normalizeName } from '../spec/name.ts'
import { type ExtraName, parseRequirement, type Requirement } from '../spec/requirement.ts'
import { formatSpecifiers, parseSpecifiers, type SpecifierSet, specifierSet } from '../spec/specifier.ts'
import type { Unavailable, Wishes } from './problem.ts'
import type { PythonSpec, PythonWish } from './python.ts'

export interface WishOptions {
  readonly environment: Partial<MarkerEnvironment>
  /** Stand in place of whatever is wished of these projects. */
  readonly overrides?: ReadonlyMap<string, readonly Requirement[]>
  /** Wishes for these are left out. */
  readonly exclusions?: ReadonlySet<string>
}

export interface WishReader {
  /** The wish of a requirement, whose marker is not looked at. */
  readonly wishOf: (requirement: Pick<Requirement, 'name' | 'extras' | 'specifiers' | 'url'>) => PythonWish
  /** The wishes of what stands on a list of requirements whose markers hold, overrides and exclusions applied. */
  readonly wishesOfAll: (requirements: readonly Requirement[]) => readonly PythonWish[]
  /** What the metadata of a candidate wishes; unavailable where a line of it is no requirement. */
  readonly wishesOf: (metadata: Pick<Metadata, 'requiresDist' | 'providesExtra'>) => Wishes<PythonSpec> | Unavailable
  readonly specOf: (specifiers: SpecifierSet, url?: string) => PythonSpec
}

/** When a line holds, in this environment. */
interface Condition {
  /** Whatever extras are asked for. */
  readonly always: boolean
  /** Otherwise, with these extras. */
  readonly extras: readonly string[]
}

interface Line extends Condition {
  /** Made once, when somebody wants them. */
  readonly wishes: () => readonly PythonWish[]
}

type Wished = Pick<Requirement, 'name' | 'extras' | 'specifiers' | 'url'>

const unconditional: Condition = { always: true, extras: [] }
const nothing: readonly PythonWish[] = []
const anyVersion = specifierSet([])

const name = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?'
const version = '\\d+(?:\\.\\d+)*(?:(?:a|b|rc)\\d+)?(?:\\.post\\d+)?(?:\\.dev\\d+)?'
const specifier = `(?:(?:[<>]=?|[=!]=) *${version}|[=!]= *\\d+(?:\\.\\d+)*\\.\\*|~= *\\d+(?:\\.\\d+)+)`
const specifiers = `${specifier}(?: *, *${specifier})*`
/** A requirement of the ordinary form: whatever this lets through is one, if its marker is. */
const ordinary = new RegExp(
  `^(${name})(?:\\[(${name}(?:,${name})*)\\])? *(?:(${specifiers})|\\((${specifiers})\\))? *(?:;(.+))?$`,
)
/** On lines without an end the expression could take one. */
const longest = 500
const ofExtra = /^ *extra *== *(?:"([A-Za-z0-9][A-Za-z0-9._-]*)"|'([A-Za-z0-9][A-Za-z0-9._-]*)') *$/

/** Reads requirements for one environment, and remembers them. */
export function openWishReader(options: WishOptions): WishReader {
  const { environment, overrides, exclusions } = options
  const specs = new Map<string, PythonSpec>()
  const specsAsWritten = new Map<string, PythonSpec>()
  const conditions = new Map<string, Condition | undefined>()
  const lines = new Map<string, Line | Unavailable>()
  const specOf = (wanted: SpecifierSet, url?: string): PythonSpec => {
    const text = url === undefined ? formatSpecifiers(wanted) : `@ ${url}`
    let spec = specs.get(text)
    if (spec === undefined) {
      spec = { text, specifiers: wanted, ...(url === undefined ? {} : { url }) }
      specs.set(text, spec)
    }
    return spec
  }
  const specWritten = (text: string): PythonSpec => {
    let spec = specsAsWritten.get(text)
    if (spec === undefined) {
      spec = specOf(text === '' ? anyVersion : parseSpecifiers(text))
      specsAsWritten.set(text, spec)
    }
    return spec
  }
  const wishOf: WishReader['wishOf'] = ({ name: project, extras, specifiers: wanted, url }) => ({
    project,
    extras,
    spec: specOf(wanted, url),
  })
  /** In place of a wish, where something else is to stand there. */
  const insteadOf = ({ name: project, extras }: Pick<Wished, 'name' | 'extras'>): readonly PythonWish[] | undefined => {
    if (exclusions?.has(project) === true) return nothing
    return overrides
      ?.get(project)
      ?.filter(({ marker }) => marker === undefined || evaluateMarker(marker, environment))
      .map((one) => ({ ...wishOf(one), extras: [...new Set([...extras, ...one.extras])].sort() }))
  }
  const adjusted = (requirement: Wished): readonly PythonWish[] => insteadOf(requirement) ?? [wishOf(requirement)]

  /** undefined for what is no marker, or says nothing in this environment. */
  const conditionOf = (text: string): Condition | undefined => {
    if (conditions.has(text)) return conditions.get(text)
    const extra = ofExtra.exec(text)
    let condition: Condition | undefined
    if (extra !== null) condition = { always: false, extras: [normalizeName((extra[1] ?? extra[2])!)] }
    else
      condition = quietly(() => {
        const marker = parseMarker(text)
        if (evaluateMarker(marker, environment)) return unconditional
        const named = extrasIn(marker.expression)
        return {
          always: false,
          extras: named.filter((one) => evaluateMarker(marker, environment, { extras: new Set([one]) })),
        }
      })
    conditions.set(text, condition)
    return condition
  }
  const readLine = (text: string): Line | undefined => {
    const parts = text.length > longest ? null : ordinary.exec(text)
    if (parts === null) {
      const requirement = quietly(() => parseRequirement(text))
      if (requirement === undefined) return undefined
      const condition = requirement.marker === undefined ? unconditional : conditionOf(requirement.marker.text)
      return condition && { ...condition, wishes: once(() => adjusted(requirement)) }
    }
    const [, rawName, rawExtras, plain, inParentheses, marker] = parts
    const condition = marker === undefined ? unconditional : conditionOf(marker)
    if (condition === undefined) return undefined
    const wishes = once((): readonly PythonWish[] => {
      const project = normalizeName(rawName!)
      const extras = rawExtras === undefined ? [] : [...new Set(rawExtras.split(',').map(normalizeName))].sort()
      const spec = specWritten(plain ?? inParentheses ?? '')
      const instead = insteadOf({ name: project, extras: extras as readonly string[] as readonly ExtraName[] })
      return instead ?? [{ project, extras, spec }]
    })
    return { always: condition.always, extras: condition.extras, wishes }
  }
  const lineOf = (text: string): Line | Unavailable => {
    let line = lines.get(text)
    if (line === undefined) {
      line = readLine(text) ?? { unavailable: `its metadata has an invalid requirement: ${text}` }
      lines.set(text, line)
    }
    return line
  }
  const wishesOf: WishReader['wishesOf'] = ({ requiresDist, providesExtra }) => {
    const always: PythonWish[] = []
    const extras = new Map<string, Line[]>()
    for (const extra of providesExtra) extras.set(normalizeName(extra), [])
    for (const text of requiresDist) {
      const line = lineOf(text)
      if ('unavailable' in line) return line
      if (line.always) for (const wish of line.wishes()) always.push(wish)
      else
        for (const extra of line.extras) {
          // An extra that is only ever named in a marker is one all the same (old metadata declares none).
          const list = extras.get(extra)
          if (list === undefined) extras.set(extra, [line])
          else list.push(line)
        }
    }
    return { always, extras: wishesOfExtras(extras) }
  }
  return { wishOf, wishesOfAll: (requirements) => requirements.flatMap(adjusted), wishesOf, specOf }
}

function wishesOfExtras(lines: ReadonlyMap<string, readonly Line[]>): Wishes<PythonSpec>['extras'] {
  const made = new Map<string, readonly PythonWish[]>()
  return {
    has: (extra) => lines.has(extra),
    keys: () => lines.keys(),
    get: (extra) => {
      const known = made.get(extra)
      if (known !== undefined) return known
      const wishes = lines.get(extra)?.flatMap((line) => line.wishes())
      if (wishes !== undefined) made.set(extra, wishes)
      return wishes
    },
  }
}

/** undefined where the text is not what it should be. */
function quietly<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (isDenError(error, 'invalid-requirement', 'invalid-specifier', 'invalid-marker')) return undefined
    throw error
  }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function extrasIn(expression: MarkerExpression): readonly string[] {
  const found = new Set<string>()
  const visit = (one: MarkerExpression): void => {
    if (one.kind !== 'comparison') {
      for (const part of one.parts) visit(part)
      return
    }
    if (one.field === 'extra' || one.field === 'extras') found.add(normalizeName(one.value))
  }
  visit(expression)
  return [...found]
}
