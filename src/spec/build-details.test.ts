import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { parseBuildDetails } from './build-details.ts'

const info = { major: 3, minor: 14, micro: 0, releaselevel: 'final', serial: 0 }
const whole = {
  schema_version: '1.0',
  base_prefix: '../..',
  base_interpreter: 'bin/python3.14t',
  platform: 'linux-x86_64',
  language: { version: '3.14', version_info: info },
  implementation: {
    name: 'cpython',
    version: info,
    hexversion: 51249392,
    cache_tag: 'cpython-314',
    _multiarch: 'x86_64-linux-gnu',
  },
  abi: { flags: ['t'], extension_suffix: '.cpython-314t-x86_64-linux-gnu.so', stable_abi_suffix: '.abi3.so' },
  suffixes: { source: ['.py'], extensions: ['.so'] },
  libpython: { dynamic: 'lib/libpython3.14t.so.1.0', link_extensions: false },
  c_api: { headers: 'include/python3.14t', pkgconfig_path: 'lib/pkgconfig' },
  arbitrary_data: { x: 1 },
}

test('parseBuildDetails() reads schema 1.0', () => {
  const version = { major: 3, minor: 14, micro: 0, level: 'final', serial: 0 }
  assert.deepEqual(parseBuildDetails(JSON.stringify(whole)), {
    schemaVersion: '1.0',
    basePrefix: '../..',
    baseInterpreter: 'bin/python3.14t',
    platform: 'linux-x86_64',
    language: { version: '3.14', versionInfo: version },
    implementation: {
      name: 'cpython',
      version,
      hexversion: 51249392,
      cacheTag: 'cpython-314',
      multiarch: 'x86_64-linux-gnu',
    },
    abi: { flags: ['t'], extensionSuffix: '.cpython-314t-x86_64-linux-gnu.so', stableAbiSuffix: '.abi3.so' },
    suffixes: { source: ['.py'], extensions: ['.so'] },
    libpython: { dynamic: 'lib/libpython3.14t.so.1.0', linkExtensions: false },
    cApi: { headers: 'include/python3.14t', pkgconfigPath: 'lib/pkgconfig' },
  })
})

test('parseBuildDetails() needs the required keys alone', () => {
  const { schema_version, base_prefix, platform, implementation } = whole
  const details = parseBuildDetails(
    JSON.stringify({
      schema_version,
      base_prefix,
      platform,
      language: { version: '3.14' },
      implementation: { ...implementation, cache_tag: null },
    }),
  )
  assert.equal(details.abi, undefined)
  assert.ok(!('abi' in details) && !('cacheTag' in details.implementation))
})

test('parseBuildDetails() passes over keys of later 1.x versions', () => {
  assert.equal(parseBuildDetails(JSON.stringify({ ...whole, schema_version: '1.3', news: [] })).schemaVersion, '1.3')
})

test('parseBuildDetails() names the key that is wrong', () => {
  const key = (text: string): string => {
    try {
      parseBuildDetails(text, { file: '/usr/lib/python3.14/build-details.json' })
    } catch (error) {
      assert.ok(isDenError(error, 'invalid-build-details'))
      return error.detail.key
    }
    return assert.fail(`accepted ${text}`)
  }
  assert.equal(key('nothing'), 'the top')
  assert.equal(key('[]'), 'the top')
  assert.equal(key(JSON.stringify({ ...whole, schema_version: '2.0' })), 'schema_version')
  assert.equal(key(JSON.stringify({ ...whole, base_prefix: 1 })), 'base_prefix')
  assert.equal(key(JSON.stringify({ ...whole, language: undefined })), 'language')
  assert.equal(
    key(JSON.stringify({ ...whole, implementation: { ...whole.implementation, version: { ...info, minor: '14' } } })),
    'implementation.version.minor',
  )
  assert.equal(
    key(
      JSON.stringify({
        ...whole,
        implementation: { ...whole.implementation, version: { ...info, releaselevel: 'x' } },
      }),
    ),
    'implementation.version.releaselevel',
  )
  assert.equal(key(JSON.stringify({ ...whole, abi: { flags: 't' } })), 'abi.flags')
  assert.equal(key(JSON.stringify({ ...whole, libpython: { link_extensions: 1 } })), 'libpython.link_extensions')
  assert.equal(key(JSON.stringify({ ...whole, c_api: {} })), 'c_api.headers')
})
