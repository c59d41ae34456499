// Compatibility tags of wheels (PEP 425, and 600, 656, 730, 738, 783, 803 for platforms and ABIs): what one Python on one machine can
// install, best first, in the order that `packaging.tags.sys_tags()` gives since 26.3.

import { type WheelFilename, wheelTags } from './filename.ts'
import { type PlatformFacts, platformTags } from './tag-platform.ts'

export interface TagFacts extends PlatformFacts {
  /** `sys.implementation.name`: "cpython", "pypy", "graalpy", … */
  readonly implementation: string
  readonly version: { readonly major: number; readonly minor: number }
  /** `sys.abiflags`, or what would be it: "m" and "mu" for Python 2.7, "m" for 3.2–3.7 on Windows. */
  readonly abiFlags: string
  readonly freeThreaded: boolean
  readonly debug: boolean
  /** `EXT_SUFFIX`'s middle: "cpython-313-x86_64-linux-gnu", "pypy310-pp73-x86_64-linux-gnu". */
  readonly soabi?: string
}

/** Tag to its place in the list; 0 is best. */
export type TagRanks = ReadonlyMap<string, number>

/** All tags that fit, best first. */
export function supportedTags(facts: TagFacts): readonly string[] {
  const platforms = platformTags(facts)
  return tagsFor({
    interpreter: interpreterTag(facts),
    version: facts.version,
    abis: abisOf(facts),
    platforms,
    stableAbi: facts.implementation === 'cpython' ? stableAbiOf(facts.version, facts.freeThreaded) : undefined,
    anyPlatform:
      facts.implementation === 'cpython' ? interpreterTag(facts) : facts.implementation === 'pypy' ? 'pp3' : undefined,
  })
}

/** What the list of tags is made of. */
export interface TagParts {
  /** "cp313", "pp310", "graalpy311". */
  readonly interpreter: string
  readonly version: { readonly major: number; readonly minor?: number }
  /** Best first; without the stable ABI. "none" is added where it is not among them. */
  readonly abis: readonly string[]
  /** Best first; without "any". */
  readonly platforms: readonly string[]
  /** Which stable ABI it loads; only CPython has one. */
  readonly stableAbi: 'abi3' | 'abi3t' | undefined
  /** The interpreter's tag in wheels that run on any platform: "cp313", "pp3". */
  readonly anyPlatform: string | undefined
}

/** The list of tags from its parts: those of the interpreter, those of older ones that it can load, those of any interpreter. */
export function tagsFor(parts: TagParts): readonly string[] {
  const { interpreter, version, platforms, stableAbi } = parts
  const tags: string[] = []
  const add = (python: string, abi: string): void => {
    const start = `${python}-${abi}-`
    for (const platform of platforms) tags.push(start + platform)
  }
  for (const abi of parts.abis) add(interpreter, abi)
  if (stableAbi !== undefined) add(interpreter, stableAbi)
  if (!parts.abis.includes('none')) add(interpreter, 'none')
  const { major, minor } = version
  if (stableAbi !== undefined && minor !== undefined) {
    for (let older = minor - 1; older >= 2; older--) add(`cp${major}${older}`, stableAbi)
  }
  const pythons = anyPython(major, minor)
  for (const python of pythons) add(python, 'none')
  if (parts.anyPlatform !== undefined) tags.push(`${parts.anyPlatform}-none-any`)
  for (const python of pythons) tags.push(`${python}-none-any`)
  return tags
}

/** "py313", "py3", "py312", … "py30". */
function anyPython(major: number, minor: number | undefined): readonly string[] {
  if (minor === undefined) return [`py${major}`]
  const pythons = [`py${major}${minor}`, `py${major}`]
  for (let older = minor - 1; older >= 0; older--) pythons.push(`py${major}${older}`)
  return pythons
}

const shortNames: Readonly<Record<string, string>> = {
  cpython: 'cp',
  pypy: 'pp',
  ironpython: 'ip',
  jython: 'jy',
  python: 'py',
}

/** "cp313". */
export function interpreterTag({ implementation, version }: Pick<TagFacts, 'implementation' | 'version'>): string {
  return `${shortNameOf(implementation)}${version.major}${version.minor}`
}

/** "cp" for "cpython"; the name itself where it has no shorter one. */
export function shortNameOf(implementation: string): string {
  return shortNames[implementation] ?? implementation
}

export function stableAbiOf(version: TagFacts['version'], freeThreaded: boolean): TagParts['stableAbi'] {
  // PEP 384: since 3.2; PEP 803: free-threaded builds have one of their own. Its tags go back as far, as packaging's do.
  if (version.major < 3 || (version.major === 3 && version.minor < 2)) return undefined
  return freeThreaded ? 'abi3t' : 'abi3'
}

/** The ABIs that extension modules may be built for, best first. */
export function abisOf(facts: TagFacts): readonly string[] {
  if (facts.implementation === 'cpython') return cpythonAbis(facts)
  const { soabi } = facts
  if (soabi === undefined) return []
  const parts = soabi.split('-')
  const significant = soabi.startsWith('pypy') ? 2 : soabi.startsWith('graalpy') ? 3 : parts.length
  return [parts.slice(0, significant).join('_').replace(/[. ]/g, '_')]
}

function cpythonAbis({ version, abiFlags, freeThreaded, debug }: TagFacts): readonly string[] {
  const base = `cp${version.major}${version.minor}`
  if (version.major === 3 && version.minor >= 8) {
    const threads = freeThreaded ? 't' : ''
    // Since 3.8 a debug build loads ordinary extension modules too.
    return debug ? [`${base}${threads}d`, `${base}${threads}`] : [`${base}${threads}`]
  }
  // Before, the letters always stood in one order: debug, pymalloc, wide characters.
  const letters = ['d', 'm', 'u'].filter((letter) => abiFlags.includes(letter) || (letter === 'd' && debug))
  return [base + letters.join('')]
}

/** Each tag with its place; of a tag that stands twice, the better one. */
export function rankTags(tags: readonly string[]): TagRanks {
  const ranks = new Map<string, number>()
  for (let rank = 0; rank < tags.length; rank++) {
    const tag = tags[rank]!
    if (!ranks.has(tag)) ranks.set(tag, rank)
  }
  return ranks
}

/** The best place that one of the wheel's tags has; undefined where none fits. */
export function rankOfWheel(
  wheel: Pick<WheelFilename, 'pythonTags' | 'abiTags' | 'platformTags'>,
  ranks: TagRanks,
): number | undefined {
  const { pythonTags, abiTags, platformTags: platforms } = wheel
  if (pythonTags.length * abiTags.length * platforms.length > ranks.size) return rankOfLargeSet(wheel, ranks)
  let best: number | undefined
  for (const tag of wheelTags(wheel)) {
    const rank = ranks.get(tag)
    if (rank !== undefined && (best === undefined || rank < best)) best = rank
  }
  return best
}

/** A compressed set may stand for millions of tags; then it is the ranks that are gone through. */
function rankOfLargeSet(
  wheel: Pick<WheelFilename, 'pythonTags' | 'abiTags' | 'platformTags'>,
  ranks: TagRanks,
): number | undefined {
  const pythons = new Set(wheel.pythonTags)
  const abis = new Set(wheel.abiTags)
  const platforms = new Set(wheel.platformTags)
  for (const [tag, rank] of ranks) {
    const [python = '', abi = '', platform = ''] = tag.split('-')
    if (pythons.has(python) && abis.has(abi) && platforms.has(platform)) return rank
  }
  return undefined
}
