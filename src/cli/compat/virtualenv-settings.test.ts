import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { scratch } from '../../../tests/kit/scratch.ts'
import { defaultHost } from '../../host/default-host.ts'
import { virtualenvOptions as options } from '../options/peers.ts'
import { readVirtualenvSettings, virtualenvIniPath } from './virtualenv-settings.ts'

function settings(env: Record<string, string>) {
  const host = defaultHost({ env: { HOME: '/nowhere', ...env } })
  const { values, warnings } = readVirtualenvSettings(host, Object.values(options))
  return { values: Object.fromEntries([...values].map(([option, { value }]) => [option.name, value])), warnings }
}

test('readVirtualenvSettings() reads a variable for every spelling of an option', () => {
  assert.deepEqual(
    settings({ VIRTUALENV_ALWAYS_COPY: 'yes', VIRTUALENV_WITHOUT_PIP: '1', VIRTUALENV_P: '3.12' }).values,
    {
      copies: true,
      'no-seed': true,
      python: ['3.12'],
    },
  )
})

test('readVirtualenvSettings() divides lists by lines, commas and the path separator, and keeps version specifiers whole', () => {
  assert.deepEqual(settings({ VIRTUALENV_PYTHON: '3.12,>=3.9,<3.11' }).values['python'], ['3.12', '>=3.9,<3.11'])
  assert.deepEqual(settings({ VIRTUALENV_EXTRA_SEARCH_DIR: '/a:/b,/c' }).values['extra-search-dir'], ['/a', '/b', '/c'])
  assert.deepEqual(settings({ VIRTUALENV_ACTIVATORS: 'bash\nfish' }).values['activators'], ['bash', 'fish'])
})

test('readVirtualenvSettings() reads a true negation as the option’s opposite and a false one as silence', () => {
  assert.deepEqual(settings({ VIRTUALENV_NO_DOWNLOAD: 'true' }).values, { download: false })
  assert.deepEqual(settings({ VIRTUALENV_NO_DOWNLOAD: 'false' }).values, {})
  assert.deepEqual(settings({ VIRTUALENV_DOWNLOAD: 'false' }).values, { download: false })
})

test('readVirtualenvSettings() passes over what does not fit, and says so', () => {
  const { values, warnings } = settings({ VIRTUALENV_CLEAR: 'perhaps', VIRTUALENV_PROMPT: '' })
  assert.deepEqual(values, {})
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, /VIRTUALENV_CLEAR/)
})

test('readVirtualenvSettings() reads virtualenv.ini, and lets a variable win over it', (t) => {
  const folder = scratch(t, { 'v.ini': '[virtualenv]\nclear = true\nprompt = 50%\npython = \n  3.9\n  3.10\n' })
  const env = { VIRTUALENV_CONFIG_FILE: path.join(folder, 'v.ini'), VIRTUALENV_PROMPT: 'mine' }
  assert.deepEqual(settings(env).values, { clear: true, prompt: 'mine', python: ['3.9', '3.10'] })
})

test('virtualenvIniPath() looks where platformdirs looks', () => {
  const base = defaultHost({ env: { HOME: '/home/me' } })
  assert.equal(virtualenvIniPath(base), '/home/me/.config/virtualenv/virtualenv.ini')
  assert.equal(
    virtualenvIniPath({ ...base, platform: 'darwin' }),
    '/home/me/Library/Application Support/virtualenv/virtualenv.ini',
  )
  assert.equal(virtualenvIniPath({ ...base, env: { XDG_CONFIG_HOME: '/x' } }), '/x/virtualenv/virtualenv.ini')
})
