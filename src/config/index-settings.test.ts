import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { DenError, isDenError } from '../base/error.ts'
import { pipConfigFiles, readIndexSettings } from './index-settings.ts'

const off = { PIP_CONFIG_FILE: '/dev/null' }

test('readIndexSettings() gives nothing where nothing is set', (t) => {
  assert.deepEqual(readIndexSettings(testContext(t, { env: off }).host), {
    index: undefined,
    findLinks: [],
    noIndex: undefined,
    timeout: undefined,
  })
})

test('readIndexSettings() takes variables before files, and [install] before [global]', (t) => {
  const { root } = testContext(t)
  writeTree(root, {
    'home/.pip/pip.conf': '[global]\nindex-url = http://legacy.example.org/simple\n',
    'home/.config/pip/pip.conf':
      '[global]\nindex-url = http://global.example.org/simple\n[install]\nindex_url = http://install.example.org/simple/\nfind-links =\n    wheels\n    ~/more\nno-index = true\n',
  })
  const read = (env: Record<string, string> = {}): ReturnType<typeof readIndexSettings> =>
    readIndexSettings(testContext(t, { root, env }).host)
  const file = path.join(root, 'home/.config/pip/pip.conf')
  assert.equal(read().index!.value.href, 'http://install.example.org/simple/')
  assert.equal(read().index!.from, `${file}:4`)
  assert.deepEqual(
    read().findLinks.map(({ value }) => value),
    ['wheels', path.join(root, 'home/more')],
  )
  assert.equal(read().noIndex!.from, `${file}:8`)
  assert.equal(read({ PIP_INDEX_URL: 'http://pip.example.org/s' }).index!.value.href, 'http://pip.example.org/s/')
  assert.equal(
    read({ PIP_INDEX_URL: 'http://pip.example.org/s', DEN_INDEX_URL: 'http://den.example.org/s' }).index!.from,
    'DEN_INDEX_URL',
  )
  assert.equal(read(off).index, undefined)
  writeTree(root, { 'own.conf': '[global]\nindex-url = http://own.example.org/\n' })
  assert.equal(read({ PIP_CONFIG_FILE: 'own.conf' }).index!.value.href, 'http://own.example.org/')
})

test('readIndexSettings() passes over what cannot be read, as pip does', (t) => {
  const { root, host } = testContext(t)
  const own = path.join(root, 'home/.config/pip/pip.conf')
  writeTree(root, {
    'home/.pip/pip.conf': '[global]\nindex-url = http://legacy.example.org/simple/\n',
    'home/.config/pip/pip.conf/a directory': '',
  })
  assert.equal(readIndexSettings(host).index!.value.href, 'http://legacy.example.org/simple/')
  const readBytes = (file: string): Uint8Array | undefined => {
    if (file !== own) return host.files.readBytes(file)
    throw new DenError('permission-denied', { operation: 'read', path: file, errno: 'EACCES' })
  }
  const closed = { ...host, files: { ...host.files, readBytes } }
  assert.equal(readIndexSettings(closed).index!.value.href, 'http://legacy.example.org/simple/')
})

test('readIndexSettings() refuses an index that is no address, and shows no password', (t) => {
  for (const value of ['file:///tmp/simple', 'ftp://me:secret@x.example.org/', 'http://me:secret@[/', 'nothing']) {
    assert.throws(
      () => readIndexSettings(testContext(t, { env: { ...off, PIP_INDEX_URL: value } }).host),
      (error) => isDenError(error, 'invalid-setting') && !JSON.stringify(error.detail).includes('secret'),
    )
  }
})

test('readIndexSettings() reads a timeout in seconds, and refuses what is none', (t) => {
  const read = (value: string) =>
    readIndexSettings(testContext(t, { env: { ...off, PIP_TIMEOUT: value } }).host).timeout
  assert.deepEqual(read('2.5'), { value: 2.5, from: 'PIP_TIMEOUT' })
  for (const value of ['0', '-1', 'soon', '1e3']) {
    assert.throws(
      () => read(value),
      (error) => isDenError(error, 'invalid-setting'),
    )
  }
})

test('pipConfigFiles() knows the places of each system', (t) => {
  const { host } = testContext(t)
  const mac = pipConfigFiles({ ...host, platform: 'darwin', env: {} })
  assert.equal(mac[0], '/Library/Application Support/pip/pip.conf')
  const windows = pipConfigFiles({
    ...host,
    platform: 'win32',
    path: path.win32 as typeof path.posix,
    home: 'C:\\U',
    env: { APPDATA: 'C:\\A', PROGRAMDATA: 'C:\\P' },
  })
  assert.deepEqual(windows, ['C:\\P\\pip\\pip.ini', 'C:\\U\\pip\\pip.ini', 'C:\\A\\pip\\pip.ini'])
  assert.ok(
    pipConfigFiles({ ...host, env: { XDG_CONFIG_HOME: '/x', XDG_CONFIG_DIRS: '/d:relative' } }).includes(
      '/x/pip/pip.conf',
    ),
  )
})
