// The environments that a wheel can be installed in, as far as markers can name them: the Pythons, systems and machines of its tags.
// How old a system may be (manylinux_2_28, macosx_11_0) no marker tells.

import type { WheelFilename } from './filename.ts'
import { parseMarker } from './marker.ts'
import type { Condition, MarkerSpace } from './marker-space.ts'
import { highestKey, lowestKey } from './range.ts'
import { firstDevOfRelease, parseVersion } from './version.ts'

/** Tells where a wheel fits; an unknown tag fits everywhere. What a tag says is looked up once. */
export function openTagConditions(space: MarkerSpace): (wheel: WheelFilename) => Condition {
  const platforms = new Map<string, Condition>()
  const pythons = new Map<string, Condition>()
  const recall = (known: Map<string, Condition>, key: string, make: () => Condition): Condition => {
    let condition = known.get(key)
    if (condition === undefined) {
      condition = make()
      known.set(key, condition)
    }
    return condition
  }
  return ({ pythonTags, abiTags, platformTags }) => {
    const isStable = abiTags.some((abi) => abi === 'abi3' || abi === 'abi3t')
    let python = space.never
    for (const tag of pythonTags) {
      const own = recall(pythons, isStable ? `${tag} ${isStable}` : tag, () => conditionOfPython(space, tag, isStable))
      python = space.either(python, own)
    }
    let platform = space.never
    for (const tag of platformTags)
      platform = space.either(
        platform,
        recall(platforms, tag, () => conditionOfPlatform(space, tag)),
      )
    return space.both(python, platform)
  }
}

function conditionOfPython(space: MarkerSpace, tag: string, isStable: boolean): Condition {
  const [, implementation = '', major = '', minor = ''] = /^([a-z]+)(\d)(\d*)$/.exec(tag) ?? []
  if (implementation === '') return space.always
  const next = firstOf(`${Number(major) + 1}`)
  if (minor === '') return space.pythons([{ low: firstOf(major), high: next }])
  const low = firstOf(`${major}.${minor}`)
  const isOpen = implementation === 'py' || isStable
  return space.pythons([{ low, high: isOpen ? next : firstOf(`${major}.${Number(minor) + 1}`) }])
}

function firstOf(release: string): string {
  const key = firstDevOfRelease(parseVersion(release))
  return release === '0' ? lowestKey : key < highestKey ? key : highestKey
}

const machines: readonly (readonly [pattern: RegExp, marker: string])[] = [
  [/^win32$/, 'sys_platform == "win32"'],
  [/^win_amd64$/, 'sys_platform == "win32" and platform_machine == "AMD64"'],
  [/^win_arm64$/, 'sys_platform == "win32" and platform_machine == "ARM64"'],
  [/^macosx_.*_(?:x86_64|intel|fat64)$/, 'sys_platform == "darwin" and platform_machine == "x86_64"'],
  [/^macosx_.*_arm64$/, 'sys_platform == "darwin" and platform_machine == "arm64"'],
  [/^macosx_/, 'sys_platform == "darwin"'],
  [/^android_/, 'sys_platform == "android"'],
  [/^ios_/, 'sys_platform == "ios"'],
  [/^(?:pyodide|emscripten)_/, 'sys_platform == "emscripten"'],
]

function conditionOfPlatform(space: MarkerSpace, tag: string): Condition {
  const linux = /^(?:(?:many|musl)?linux\d*(?:_\d+_\d+)?)_(\w+)$/.exec(tag)
  if (linux !== null) return space.of(parseMarker(`sys_platform == "linux" and platform_machine == "${linux[1]}"`))
  const known = machines.find(([pattern]) => pattern.test(tag))
  return known === undefined ? space.always : space.of(parseMarker(known[1]))
}
