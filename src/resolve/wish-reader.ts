// What metadata wishes. Thirty thousand lines of metadata hold about five thousand different ones, of which most belong to extras that
// nobody asks for. So every text is looked at once; what a line wishes is made when it is wanted; and lines of the ordinary form, which
// nearly all are, are taken apart by one expression and are known to be right without being parsed.

import { isDenError } from '../base/error.ts'
import {
  evaluateMarker,
  type Marker,
  type MarkerEnvironment,
  type MarkerExpression,
  parseMarker,
} from '../spec/marker.ts'
import type { Condition, MarkerSpace } from '../spec/marker-space.ts'
import type { Metadata } from '../spec/metadata.ts'
import { normalizeName } from '../spec/name.ts'
import { type ExtraName, parseRequirement, type Requirement } from '../spec/requirement.ts'
import { formatSpecifiers, parseSpecifiers, type SpecifierSet, specifierSet } from '../spec/specifier.ts'
import type { Unavailable, Wishes } from './problem.ts'
import type { PythonSpec, PythonWish } from './python.ts'

export interface WishOptions {
  /** When the lines of metadata hold: in one environment (`inEnvironment`), or in which of many (`acrossEnvironments`). */
  readonly holds: Holds
  /** What holds where two conditions do; needed where `holds` tells of conditions. */
  readonly both?: (a: object, b: object) => object
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

/** When a line holds. */
export interface Holding {
  /** Whatever extras are asked for; `always.when` where that is so in some environments only. */
  readonly always?: { readonly when?: object }
  /** Further, with these extras. */
  readonly extras: readonly { readonly extra: string; readonly when?: object }[]
}

/** What a marker comes to. Throws `invalid-marker` where an answer hangs on what means nothing. */
export type Holds = (marker: Marker) => Holding

/** In one environment a marker holds or doesn't. */
export function inEnvironment(environment: Partial<MarkerEnvironment>): Holds {
  return (marker) => {
    if (evaluateMarker(marker, environment)) return unconditional
    const named = extrasIn(marker.expression)
    const extras = named.filter((one) => evaluateMarker(marker, environment, { extras: new Set([one]) }))
    return { extras: extras.map((extra) => ({ extra })) }
  }
}

/** Among many environments, those of `scope`, a marker may hold in some: `when` is a condition of the space then. */
export function acrossEnvironments(space: MarkerSpace, scope: Condition): Holds {
  const part = (marker: Marker, extra?: string): { readonly when?: Condition } | undefined => {
    const where = space.both(scope, space.ofRequirement(marker, extra))
    if (where === space.never) return undefined
    return where === scope ? everywhere : { when: where }
  }
  return (marker) => {
    const always = part(marker)
    const extras = extrasIn(marker.expression).flatMap((extra) => {
      const own = part(marker, extra)
      return own === undefined || (always !== undefined && own.when === always.when) ? [] : [{ extra, ...own }]
    })
    // What always holds holds with any extra.
    if (always !== undefined && always.when === undefined) return unconditional
    return { ...(always === undefined ? {} : { always }), extras }
  }
}

interface Line extends Holding {
  /** Made once, when somebody wants them. */
  readonly wishes: (when: object | undefined) => readonly PythonWish[]
}

type Wished = Pick<Requirement, 'name' | 'extras' | 'specifiers' | 'url'>

const everywhere: { readonly when?: never } = {}
const unconditional: Holding = { always: everywhere, extras: [] }
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

/** Reads requirements, and remembers them. */
export function openWishReader(options: WishOptions): WishReader {
  const { holds, both = (a) => a, overrides, exclusions } = options
  const specs = new Map<string, PythonSpec>()
  const specsAsWritten = new Map<string, PythonSpec>()
  const holdings = new Map<string, Holding | undefined>()
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
    return overrides?.get(project)?.flatMap((one) => {
      const always = one.marker === undefined ? everywhere : holds(one.marker).always
      return always === undefined
        ? []
        : [{ ...wishOf(one), extras: [...new Set([...extras, ...one.extras])].sort(), ...always }]
    })
  }
  const adjusted = (requirement: Wished): readonly PythonWish[] => insteadOf(requirement) ?? [wishOf(requirement)]

  /** undefined for what is no marker, or says nothing in this environment. */
  const holdingOf = (text: string): Holding | undefined => {
    if (holdings.has(text)) return holdings.get(text)
    const extra = ofExtra.exec(text)
    const holding: Holding | undefined =
      extra === null
        ? quietly(() => holds(parseMarker(text)))
        : { extras: [{ extra: normalizeName((extra[1] ?? extra[2])!) }] }
    holdings.set(text, holding)
    return holding
  }
  const readLine = (text: string): Line | undefined => {
    const parts = text.length > longest ? null : ordinary.exec(text)
    if (parts === null) {
      const requirement = quietly(() => parseRequirement(text))
      if (requirement === undefined) return undefined
      const holding = requirement.marker === undefined ? unconditional : holdingOf(requirement.marker.text)
      return holding && { ...holding, wishes: forEach(both, () => adjusted(requirement)) }
    }
    const [, rawName, rawExtras, plain, inParentheses, marker] = parts
    const holding = marker === undefined ? unconditional : holdingOf(marker)
    if (holding === undefined) return undefined
    const wishes = forEach(both, (): readonly PythonWish[] => {
      const project = normalizeName(rawName!)
      const extras = rawExtras === undefined ? [] : [...new Set(rawExtras.split(',').map(normalizeName))].sort()
      const spec = specWritten(plain ?? inParentheses ?? '')
      const instead = insteadOf({ name: project, extras: extras as readonly string[] as readonly ExtraName[] })
      return instead ?? [{ project, extras, spec }]
    })
    return { ...holding, wishes }
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
    const extras = new Map<string, ExtraLine[]>()
    for (const extra of providesExtra) extras.set(normalizeName(extra), [])
    for (const text of requiresDist) {
      const line = lineOf(text)
      if ('unavailable' in line) return line
      if (line.always !== undefined) for (const wish of line.wishes(line.always.when)) always.push(wish)
      for (const { extra, when } of line.extras) {
        // An extra that is only ever named in a marker is one all the same (old metadata declares none).
        const list = extras.get(extra)
        if (list === undefined) extras.set(extra, [{ line, when }])
        else list.push({ line, when })
      }
    }
    return { always, extras: wishesOfExtras(extras) }
  }
  return { wishOf, wishesOfAll: (requirements) => requirements.flatMap(adjusted), wishesOf, specOf }
}

interface ExtraLine {
  readonly line: Line
  readonly when: object | undefined
}

function wishesOfExtras(lines: ReadonlyMap<string, readonly ExtraLine[]>): Wishes<PythonSpec>['extras'] {
  const made = new Map<string, readonly PythonWish[]>()
  return {
    has: (extra) => lines.has(extra),
    keys: () => lines.keys(),
    get: (extra) => {
      const known = made.get(extra)
      if (known !== undefined) return known
      const wishes = lines.get(extra)?.flatMap(({ line, when }) => line.wishes(when))
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

/** What a line wishes, made once for each condition. */
function forEach(both: (a: object, b: object) => object, make: () => readonly PythonWish[]): Line['wishes'] {
  let made: readonly PythonWish[] | undefined
  const partly = new Map<object, readonly PythonWish[]>()
  return (when) => {
    made ??= make()
    if (when === undefined) return made
    const known = partly.get(when)
    if (known !== undefined) return known
    const own = made.map((wish) => ({ ...wish, when: wish.when === undefined ? when : both(wish.when, when) }))
    partly.set(when, own)
    return own
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
