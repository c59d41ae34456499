import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { diagnose, isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import {
  findPipConfig,
  listPipConfig,
  type PipConfigEntry,
  pipConfigItems,
  pipSettingValue,
  readPipConfig,
} from './pip-config.ts'
import {
  defaultPipConfigKind,
  pipConfigTarget,
  readPipConfigTarget,
  setPipConfig,
  unsetPipConfig,
} from './pip-config-edit.ts'
import { allPlaces, pipConfigPlaces } from './pip-config-files.ts'

/** A machine with the given files and none of its own. */
function machine(
  t: Parameters<typeof testContext>[0],
  files: Record<string, string>,
  env: Record<string, string> = {},
): { readonly host: Host; readonly root: string } {
  const { root } = testContext(t)
  writeTree(root, files)
  const { host } = testContext(t, { root, env: { XDG_CONFIG_DIRS: path.join(root, 'machine'), ...env } })
  return { host, root }
}

const said = (entries: readonly PipConfigEntry[]): string[] => entries.map(({ name, value }) => `${name}=${value}`)

describe('readPipConfig()', () => {
  test('lets files win over files, the command over [global], variables over all', (t) => {
    const { host, root } = machine(
      t,
      {
        'machine/pip/pip.conf': '[global]\ntimeout = 1\nindex-url = http://a.example.org/\n[install]\nno_index = yes\n',
        'home/.pip/pip.conf': '[global]\nTimeout = 2\n',
        'home/.config/pip/pip.conf': '[global]\n--timeout: 3\nindex-url =\n[freeze]\nlocal = yes\n',
        'env/pip.conf': '[install]\nfind-links = a\n    b\n',
      },
      { PIP_INDEX_URL: 'http://env.example.org/', PIP_VERSION: '1', PIP_NO_INDEX: '', OTHER: 'x' },
    )
    const config = readPipConfig(host, { prefix: path.join(root, 'env') })
    const items = pipConfigItems(config, 'install').filter(({ from }) => !from.startsWith('/etc/'))
    assert.deepEqual(said(items), ['timeout=3', 'no-index=yes', 'find-links=a\nb', 'index-url=http://env.example.org/'])
    assert.equal(items[0]!.from, `${path.join(root, 'home/.config/pip/pip.conf')}:2`)
    assert.equal(items[3]!.from, 'PIP_INDEX_URL')
    assert.equal(findPipConfig(config, 'Global.Timeout')!.value, '3')
    assert.equal(findPipConfig(config, 'freeze.local')!.value, 'yes')
    assert.equal(findPipConfig(config, 'freeze.none'), undefined)
    assert.ok(listPipConfig(config).some(({ key }) => key === ':env:.no-index'))
    assert.deepEqual(readPipConfig(host, { isolated: true }).variables, [])
  })

  test('PIP_CONFIG_FILE takes the place of the user’s files where it is there, and turns all off as the null device', (t) => {
    const files = { 'home/.pip/pip.conf': '[global]\ntimeout = 1\n', 'own.conf': '[global]\nretries = 2\n' }
    const kinds = (env: Record<string, string>): string[] =>
      pipConfigPlaces(machine(t, files, env).host).map(({ kind }) => kind)
    assert.ok(kinds({}).includes('user') && !kinds({}).includes('env'))
    assert.ok(kinds({ PIP_CONFIG_FILE: 'gone.conf' }).includes('user'))
    assert.ok(!kinds({ PIP_CONFIG_FILE: 'own.conf' }).includes('user'))
    assert.deepEqual(kinds({ PIP_CONFIG_FILE: '/dev/null' }), [])
    const { host } = machine(t, files, { PIP_CONFIG_FILE: '/dev/null' })
    assert.equal(allPlaces(host).at(-1)!.path, '/dev/null')
  })

  test('refuses an option that stands twice, in whatever spelling, and what is no UTF-8', (t) => {
    const conf = 'home/.config/pip/pip.conf'
    for (const text of ['[global]\nno-index = 1\nno_index = 2\n', '[global]\n[global]\n', 'x = 1\n']) {
      const { host } = machine(t, { [conf]: text })
      assert.throws(
        () => readPipConfig(host),
        (error) => isDenError(error, 'invalid-ini') && /line \d of .*pip.conf/.test(diagnose(error).what),
      )
    }
    const { host } = machine(t, {})
    const files = { ...host.files, stat: () => host.files.stat('/'), readBytes: () => Uint8Array.from([0xe9]) }
    assert.throws(
      () => readPipConfig({ ...host, files }),
      (error) => isDenError(error, 'undecodable-file'),
    )
  })
})

test('pipSettingValue() converts by what an option does', () => {
  const convert = (action: string, value: string): unknown => {
    const result = pipSettingValue({ action }, { key: '', section: '', name: '', from: '', value })
    return result && (result.kind === 'texts' ? result.texts : result.value)
  }
  assert.equal(convert('store_true', 'Yes'), true)
  assert.equal(convert('store_false', 'off'), false)
  assert.equal(convert('store_true', 'maybe'), undefined)
  assert.equal(convert('count', '3'), 3)
  assert.equal(convert('count', 'true'), 1)
  assert.equal(convert('count', '-1'), undefined)
  assert.deepEqual(convert('append', ' a\n b\tc '), ['a', 'b', 'c'])
  assert.deepEqual(convert('store', 'a b'), ['a b'])
})

describe('setPipConfig() and unsetPipConfig()', () => {
  test('write what pip’s own writer writes', () => {
    const text = '# note\n[global]\nTime_Out: 1 ; no comment\nx =\n  a\n  b\n\n[install]\ny=2\n'
    assert.equal(
      setPipConfig(text, 'Install.No_Index', 'true', 'f'),
      '[global]\ntime-out = 1 ; no comment\nx = \n\ta\n\tb\n\n[install]\ny = 2\nno-index = true\n\n',
    )
    assert.equal(setPipConfig('', 'global.a.b', 'c', 'f'), '[global]\na.b = c\n\n')
    assert.equal(unsetPipConfig('[a]\nx = 1\n[b]\ny = 2\n', 'a.x', 'f'), '[b]\ny = 2\n\n')
    assert.equal(unsetPipConfig('[a]\nx = 1\n', 'a.y', 'f'), undefined)
    assert.throws(
      () => setPipConfig('', 'timeout', '1', 'f'),
      (error) => isDenError(error, 'invalid-pip-key') && /global.timeout/.test(diagnose(error).why!),
    )
  })

  test('change the strongest file of a kind, or the one that holds the key', (t) => {
    const { host, root } = machine(t, {
      'home/.pip/pip.conf': '[global]\nold = 1\n',
      'home/.config/pip/pip.conf': '[global]\nnew = 1\n',
      'env/pip.conf': '',
    })
    const target = (key?: string): string | undefined =>
      pipConfigTarget(host, 'user', key === undefined ? {} : { key })?.path
    assert.equal(target(), path.join(root, 'home/.config/pip/pip.conf'))
    assert.equal(target('global.Old'), path.join(root, 'home/.pip/pip.conf'))
    assert.equal(target('global.none'), path.join(root, 'home/.config/pip/pip.conf'))
    assert.equal(readPipConfigTarget(host, pipConfigTarget(host, 'user')!), '[global]\nnew = 1\n')
    assert.equal(defaultPipConfigKind(host, path.join(root, 'env')), 'site')
    assert.equal(defaultPipConfigKind(host, path.join(root, 'elsewhere')), 'user')
    const own = machine(t, { 'own.conf': '' }, { PIP_CONFIG_FILE: 'own.conf' }).host
    assert.deepEqual(pipConfigTarget(own, 'user'), { path: 'own.conf', redirected: true })
    const off = machine(t, {}, { PIP_CONFIG_FILE: '/dev/null' }).host
    assert.equal(pipConfigTarget(off, 'user'), undefined)
  })
})
