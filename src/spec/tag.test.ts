import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processorTime } from '../../tests/kit/stopwatch.ts'
import { parseWheelFilename } from './filename.ts'
import { rankOfWheel, rankTags, supportedTags, type TagFacts } from './tag.ts'

const facts: TagFacts = {
  implementation: 'cpython',
  version: { major: 3, minor: 13 },
  abiFlags: '',
  freeThreaded: false,
  debug: false,
  bits: 64,
  machine: 'x86_64',
  platform: 'linux',
  libc: { kind: 'glibc', major: 2, minor: 17 },
}
const tags = (changes: Partial<TagFacts>): readonly string[] => supportedTags({ ...facts, ...changes })
const platforms = (changes: Partial<TagFacts>): readonly string[] =>
  tags(changes)
    .filter((tag) => tag.startsWith('py3-none-') && !tag.endsWith('-any'))
    .map((tag) => tag.slice('py3-none-'.length))
const abis = (changes: Partial<TagFacts>): readonly string[] => [
  ...new Set(
    tags(changes)
      .filter((tag) => tag.startsWith('cp'))
      .map((tag) => tag.split('-', 2).join('-')),
  ),
]

test('supportedTags() goes from what was built for this Python to what runs on any', () => {
  assert.deepEqual(tags({ version: { major: 3, minor: 2 }, platform: 'win32', machine: 'AMD64' }), [
    'cp32-cp32-win_amd64',
    'cp32-abi3-win_amd64',
    'cp32-none-win_amd64',
    'py32-none-win_amd64',
    'py3-none-win_amd64',
    'py31-none-win_amd64',
    'py30-none-win_amd64',
    'cp32-none-any',
    'py32-none-any',
    'py3-none-any',
    'py31-none-any',
    'py30-none-any',
  ])
})

test('supportedTags() knows the ABIs of every kind of CPython', () => {
  const last = (changes: Partial<TagFacts>): readonly string[] => abis(changes).slice(0, 4)
  assert.deepEqual(last({}), ['cp313-cp313', 'cp313-abi3', 'cp313-none', 'cp312-abi3'])
  assert.deepEqual(last({ freeThreaded: true }), ['cp313-cp313t', 'cp313-abi3t', 'cp313-none', 'cp312-abi3t'])
  assert.deepEqual(last({ debug: true }), ['cp313-cp313d', 'cp313-cp313', 'cp313-abi3', 'cp313-none'])
  assert.deepEqual(last({ debug: true, freeThreaded: true }).slice(0, 2), ['cp313-cp313td', 'cp313-cp313t'])
  assert.deepEqual(last({ version: { major: 3, minor: 7 }, abiFlags: 'm' }).slice(0, 2), ['cp37-cp37m', 'cp37-abi3'])
  assert.deepEqual(last({ version: { major: 3, minor: 7 }, abiFlags: 'dm', debug: true })[0], 'cp37-cp37dm')
  assert.deepEqual(abis({ version: { major: 2, minor: 7 }, abiFlags: 'mu' }), ['cp27-cp27mu', 'cp27-none'])
})

test('supportedTags() knows other implementations by what their extension modules are called', () => {
  const pypy = tags({
    implementation: 'pypy',
    version: { major: 3, minor: 10 },
    soabi: 'pypy310-pp73-x86_64-linux-gnu',
  })
  assert.equal(pypy[0], 'pp310-pypy310_pp73-linux_x86_64')
  assert.ok(pypy.includes('pp3-none-any') && !pypy.some((tag) => tag.includes('abi3')))
  const graal = tags({
    implementation: 'graalpy',
    version: { major: 3, minor: 11 },
    soabi: 'graalpy242-311-native-x86_64-linux',
  })
  assert.equal(graal[0], 'graalpy311-graalpy242_311_native-linux_x86_64')
})

test('supportedTags() knows which Linux runs what', () => {
  assert.deepEqual(platforms({}).slice(0, 4), [
    'linux_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux2014_x86_64',
    'manylinux_2_16_x86_64',
  ])
  assert.equal(platforms({}).at(-1), 'manylinux1_x86_64')
  assert.deepEqual(platforms({ machine: 'aarch64' }), [
    'linux_aarch64',
    'manylinux_2_17_aarch64',
    'manylinux2014_aarch64',
  ])
  assert.deepEqual(platforms({ libc: { kind: 'musl', major: 1, minor: 1 } }), [
    'linux_x86_64',
    'musllinux_1_1_x86_64',
    'musllinux_1_0_x86_64',
  ])
  assert.deepEqual(platforms({ machine: 'mips64' }), ['linux_mips64'])
  assert.deepEqual(platforms({ bits: 32 })[0], 'linux_i686')
  assert.deepEqual(platforms({ bits: 32, machine: 'aarch64' }), ['linux_armv8l', 'linux_armv7l'])
  assert.deepEqual(platforms({ bits: 32, machine: 'aarch64', hardFloat: true }).slice(0, 3), [
    'linux_armv8l',
    'linux_armv7l',
    'manylinux_2_17_armv8l',
  ])
  assert.deepEqual(platforms({ manylinux: { all: false } }), ['linux_x86_64'])
  const without2014 = platforms({ manylinux: { manylinux2014: false } })
  assert.ok(!without2014.includes('manylinux2014_x86_64') && without2014.includes('manylinux2010_x86_64'))
  const { libc: _, ...rest } = facts
  assert.deepEqual(
    supportedTags(rest).filter((tag) => tag.startsWith('cp313-cp313')),
    ['cp313-cp313-linux_x86_64'],
    'a static build runs with no library',
  )
})

test('supportedTags() knows the others', () => {
  const mac = platforms({ platform: 'darwin', machine: 'arm64', macos: { major: 14, minor: 5 } })
  assert.deepEqual(mac.slice(0, 2), ['macosx_14_0_arm64', 'macosx_14_0_universal2'])
  assert.equal(mac.at(-1), 'macosx_10_4_universal2')
  assert.equal(
    platforms({ platform: 'darwin', machine: 'x86_64', macos: { major: 10, minor: 9 } })[0],
    'macosx_10_9_x86_64',
  )
  assert.deepEqual(platforms({ platform: 'win32', machine: 'ARM64' }), ['win_arm64'])
  assert.deepEqual(platforms({ platform: 'win32', machine: 'AMD64', bits: 32 }), ['win32'])
  assert.deepEqual(
    platforms({ platform: 'ios', ios: { major: 13, minor: 1, multiarch: 'arm64-iphoneos' } }).slice(0, 3),
    ['ios_13_1_arm64_iphoneos', 'ios_13_0_arm64_iphoneos', 'ios_12_9_arm64_iphoneos'],
  )
  assert.deepEqual(platforms({ platform: 'android', android: { apiLevel: 17, abi: 'arm64-v8a' } }), [
    'android_17_arm64_v8a',
    'android_16_arm64_v8a',
  ])
  assert.deepEqual(
    platforms({ platform: 'emscripten', pyemscripten: '2025_0', sysconfigPlatform: 'emscripten-4.0.9-wasm32' }),
    ['pyemscripten_2025_0_wasm32', 'emscripten_4_0_9_wasm32'],
  )
  assert.deepEqual(platforms({ platform: 'freebsd', sysconfigPlatform: 'freebsd-14.1-RELEASE-amd64' }), [
    'freebsd_14_1_release_amd64',
  ])
})

test('rankOfWheel() is the best of its tags', () => {
  const ranks = rankTags(tags({}))
  const rank = (name: string): number | undefined => rankOfWheel(parseWheelFilename(name), ranks)
  const order = [
    'a-1-cp313-cp313-linux_x86_64.whl',
    'a-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'a-1-cp38-abi3-manylinux1_x86_64.whl',
    'a-1-py2.py3-none-any.whl',
    'a-1-py30-none-any.whl',
  ].map(rank)
  assert.ok(!order.includes(undefined))
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a! - b!),
  )
  assert.equal(rank('a-1-cp313-cp313t-linux_x86_64.whl'), undefined)
  assert.equal(rank('a-1-cp314-abi3-linux_x86_64.whl'), undefined)
  // A name may stand for more tags than there is time for.
  const many = Array.from({ length: 200 }, (_, index) => `x${index}`)
  const large = { pythonTags: [...many, 'py3'], abiTags: [...many, 'none'], platformTags: [...many, 'any'] }
  const took = processorTime(() => assert.equal(rankOfWheel(large, ranks), rank('a-1-py3-none-any.whl')))
  assert.ok(took < 200, `${took} ms`)
})
