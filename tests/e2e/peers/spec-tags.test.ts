// Tags and marker fields: those of every real Python on the machine, and those of hundreds of machines that are not here, against
// packaging and pip. DEN_PEERS names a virtual environment with both; DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, test } from 'node:test'
import { defaultHost } from '../../../src/host/default-host.ts'
import { requirePython } from '../../../src/python/inspect.ts'
import { crossTarget, targetOf } from '../../../src/python/target.ts'
import { supportedTags, type TagFacts } from '../../../src/spec/tag.ts'
import { askOracle, peerPackages, peerProgram, skipWithout } from '../../kit/oracle.ts'
import { pythons } from '../../kit/pythons.ts'
import { caseCount, diceFrom, many, seed } from '../../kit/random.ts'
import { scratch } from '../../kit/scratch.ts'

const skip = skipWithout(['packaging'], 'agreement with packaging and pip on tags')
const count = Math.ceil(caseCount / 8)
const script = path.join(import.meta.dirname, 'spec_tags_oracle.py')

const { random, below, one } = diceFrom(seed)

interface Here {
  readonly markers: Record<string, string>
  readonly wide: boolean
  readonly platform: string
  readonly tags: readonly string[] | null
}

/** Facts of a machine that is not here. */
function machine(): TagFacts {
  const bits = one([64, 64, 64, 32] as const)
  const glibc = { kind: 'glibc', major: one([2, 2, 2, 3]), minor: one([4, 5, 12, 16, 17, 28, 36, 42]) } as const
  const musl = { kind: 'musl', major: 1, minor: one([1, 2]) } as const
  const manylinux = one([
    undefined,
    undefined,
    { all: false },
    { manylinux1: false },
    { manylinux2014: false, manylinux2010: true },
  ])
  const libc = one([glibc, glibc, musl, undefined])
  const place = one([
    () => ({
      platform: 'linux',
      machine: one(
        bits === 64
          ? ['x86_64', 'aarch64', 'ppc64le', 's390x', 'riscv64', 'loongarch64', 'ppc64', 'mips64', 'sparc64']
          : ['x86_64', 'i686', 'aarch64', 'armv7l', 'armv8l', 'armv6l'],
      ),
      ...(libc === undefined ? {} : { libc }),
      ...(manylinux === undefined ? {} : { manylinux }),
      hardFloat: random() < 0.8,
    }),
    () => ({
      platform: 'darwin',
      machine: one(['x86_64', 'arm64', 'i386', 'ppc', 'ppc64', 'intel']),
      macos: one([
        { major: 10, minor: one([0, 3, 4, 5, 6, 9, 15, 16]) },
        { major: one([11, 12, 14, 26]), minor: below(6) },
      ]),
    }),
    () => ({
      platform: 'ios',
      machine: 'arm64',
      ios: {
        major: one([11, 12, 13, 17]),
        minor: below(8),
        multiarch: one(['arm64-iphoneos', 'x86_64-iphonesimulator']),
      },
    }),
    () => ({
      platform: 'android',
      machine: 'aarch64',
      android: { apiLevel: one([15, 16, 21, 35]), abi: one(['arm64_v8a', 'x86_64', 'armeabi-v7a']) },
    }),
    () => ({
      platform: 'emscripten',
      machine: 'wasm32',
      sysconfigPlatform: 'emscripten-4.0.9-wasm32',
      ...one([{}, { pyemscripten: '2025_0' }]),
    }),
    () =>
      one([
        { platform: 'win32', machine: 'AMD64', bits: 64 as const, sysconfigPlatform: 'win-amd64' },
        { platform: 'win32', machine: 'AMD64', bits: 32 as const, sysconfigPlatform: 'win32' },
        { platform: 'win32', machine: 'ARM64', bits: 64 as const, sysconfigPlatform: 'win-arm64' },
        { platform: 'freebsd', machine: 'amd64', sysconfigPlatform: 'freebsd-14.1-RELEASE-amd64' },
      ]),
  ])()
  const release = one([
    { version: { major: 2, minor: 7 }, abiFlags: one(['m', 'mu']) },
    { version: { major: 3, minor: one([0, 1, 2]) }, abiFlags: one(['m', 'mu']) },
    { version: { major: 3, minor: one([3, 6, 7]) }, abiFlags: one(['m', '']) },
    { version: { major: 3, minor: one([8, 9, 12]) }, abiFlags: '' },
    { version: { major: 3, minor: one([13, 14, 15]) }, abiFlags: '' },
  ])
  const freeThreaded = release.version.minor >= 13 && random() < 0.5
  const implementation = one([
    { implementation: 'cpython' },
    { implementation: 'cpython' },
    { implementation: 'pypy', soabi: one(['pypy310-pp73-x86_64-linux-gnu', 'pypy39-pp73-darwin']) },
    { implementation: 'graalpy', soabi: 'graalpy242-311-native-x86_64-linux' },
    { implementation: 'rustpython', soabi: 'rustpython04-x86_64' },
  ])
  const debug = random() < 0.2
  return { bits, ...place, ...release, ...implementation, freeThreaded, debug }
}

const wishes = (): {
  version: string | null
  platforms: string[] | null
  implementation: string | null
  abis: string[] | null
} => ({
  version: one([null, '3', '2', '27', '35', '37', '38', '39', '310', '313', '315', '32']),
  platforms: one([
    null,
    ['manylinux2014_x86_64'],
    ['manylinux2010_i686', 'linux_i686'],
    ['manylinux2014_aarch64'],
    ['manylinux_2_28_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64'],
    ['macosx_11_0_arm64'],
    ['macosx_10_9_x86_64', 'macosx_14_2_universal2'],
    ['win_amd64'],
    ['win32', 'any'],
    ['ios_13_2_arm64_iphoneos'],
    ['android_21_arm64_v8a'],
    ['musllinux_1_2_x86_64'],
    ['oddity'],
  ]),
  implementation: one([null, null, 'cp', 'pp', 'py', 'ip']),
  abis: one([
    null,
    null,
    ['cp39'],
    ['none'],
    ['abi3'],
    ['abi3', 'none'],
    ['cp313t', 'abi3t'],
    ['pypy310_pp73'],
    ['cp37m', 'none', 'x'],
  ]),
})

describe(`tags and marker fields are those that packaging finds (seed ${seed})`, { skip }, () => {
  const packages = peerPackages('packaging') ?? ''
  for (const { version, executable } of pythons()) {
    test(`Python ${version}: ${executable}`, async (t) => {
      const here = JSON.parse(
        execFileSync(executable, ['-E', '-s', '-B', script, 'here', packages], { encoding: 'utf8' }).trim(),
      ) as Here
      const host = defaultHost()
      const context = { host, report: () => {}, places: { cache: scratch(t) } }
      const interpreter = await requirePython(context, executable)
      const target = targetOf(context, interpreter)
      assert.deepEqual({ ...target.markers }, here.markers)
      if (here.tags !== null) {
        assert.deepEqual(target.tags, here.tags)
        return
      }
      // packaging does not run there: what it makes of that Python's own facts.
      const { facts } = target
      assert.equal(`linux-${facts.machine}`, here.platform)
      if (facts.version.major === 2) assert.equal(facts.abiFlags, here.wide ? 'mu' : 'm')
      const [expected] = ask({ system: [facts], custom: [] }).system
      assert.deepEqual(target.tags, expected)
    })
  }

  test('machines that are not here', () => {
    const system = many(machine, count)
    const { system: expected } = ask({ system, custom: [] })
    for (const [index, facts] of system.entries()) {
      const theirs = expected[index]!
      const ours = supportedTags(facts)
      // Given no platform, packaging takes those of this machine.
      if (theirs === null) assert.ok(ours.length > 0 && ours.every((tag) => tag.endsWith('-any')))
      else assert.deepEqual(ours, theirs, JSON.stringify(facts))
    }
  })

  test("pip's --python-version, --platform, --implementation and --abi", async (t) => {
    const context = { host: defaultHost(), report: () => {}, places: { cache: scratch(t) } }
    const target = targetOf(context, await requirePython(context, peerProgram('python')))
    const custom = many(wishes, count)
    const { custom: expected } = ask({ system: [], custom })
    if (expected === null) return t.skip('NOT TESTED: pip is not in DEN_PEERS')
    for (const [index, { version, platforms, implementation, abis }] of custom.entries()) {
      const ours = crossTarget(target, {
        ...(version === null
          ? {}
          : {
              pythonVersion: version.length === 1 ? [Number(version)] : [Number(version[0]), Number(version.slice(1))],
            }),
        ...(platforms === null ? {} : { platforms }),
        ...(implementation === null ? {} : { implementation }),
        ...(abis === null ? {} : { abis }),
      })
      assert.deepEqual(ours.tags, [...expected[index]!], JSON.stringify(custom[index]))
    }
  })
})

function ask(questions: { system: readonly TagFacts[]; custom: readonly ReturnType<typeof wishes>[] }): {
  system: readonly (readonly string[] | null)[]
  custom: readonly (readonly string[])[] | null
} {
  return askOracle('spec_tags_oracle', questions)
}
