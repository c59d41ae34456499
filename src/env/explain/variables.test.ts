import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { interpreter } from '../../../tests/kit/interpreters.ts'
import { activationChange } from './activation-change.ts'
import { explainConfigFiles } from './config-files.ts'
import { explainVariables } from './variables.ts'

const flags = { ignoreEnvironment: false, noUserSite: false, noSite: false, isolated: false, safePath: false }

test('explainVariables() tells which variables count for this Python', () => {
  const env = { PYTHONPATH: '/a', PYTHONSAFEPATH: '1', PIP_TARGET: '/t', PIP_TIMEOUT: '3', UNRELATED: 'x' }
  const told = explainVariables({ env, platform: 'linux' }, interpreter('3.10.13'), flags)
  assert.deepEqual(
    told.map(({ name, counts, decides }) => [name, counts, decides]),
    [
      ['PYTHONPATH', true, true],
      ['PYTHONSAFEPATH', false, false],
      ['PIP_TARGET', true, true],
      ['PIP_TIMEOUT', true, false],
    ],
  )
})

test('explainVariables() knows that -E leaves PYTHONUSERBASE alone', () => {
  const env = { PYTHONPATH: '/a', PYTHONUSERBASE: '/u' }
  const told = explainVariables({ env, platform: 'linux' }, interpreter('3.12.1'), {
    ...flags,
    ignoreEnvironment: true,
  })
  assert.deepEqual(
    told.map(({ name, counts }) => [name, counts]),
    [
      ['PYTHONPATH', false],
      ['PYTHONUSERBASE', true],
    ],
  )
})

test('explainVariables() shows no password', () => {
  const env = { PIP_INDEX_URL: 'https://me:secret@index.example.org/simple' }
  const [told] = explainVariables({ env, platform: 'linux' }, undefined, undefined)
  assert.doesNotMatch(told!.value, /secret/)
  assert.match(told!.value, /index\.example\.org/)
})

test('explainConfigFiles() names the line of pip.conf that sends packages elsewhere', () => {
  const files = {
    '/env/pip.conf': '[global]\ntimeout = 3\n\n[install]\ntarget = /elsewhere\n',
    '/home/me/.config/pip/pip.conf': '[global]\nindex-url = https://me:secret@index.example.org/simple\n',
    '/home/me/app/.python-version': '# ours\n3.12\n',
  }
  const told = explainConfigFiles(fakeHost({ files, cwd: '/home/me/app/deep' }), { root: '/env' })
  assert.deepEqual(
    told.map(({ path, lines }) => [path, lines.map(({ line, text }) => `${line}: ${text}`)]),
    [
      ['/home/me/app/.python-version', ['2: 3.12']],
      ['/home/me/.config/pip/pip.conf', ['2: [global] index-url = https://****@index.example.org/simple']],
      ['/env/pip.conf', ['5: [install] target = /elsewhere']],
    ],
  )
})

test('explainConfigFiles() reads distutils’ files for Pythons that still have distutils', () => {
  const files = { '/home/me/.pydistutils.cfg': '[install]\nprefix = /opt\n' }
  const told = (release: string) => explainConfigFiles(fakeHost({ files }), { interpreter: interpreter(release) })
  assert.deepEqual(told('3.11.7')[0]?.lines, [{ line: 2, text: '[install] prefix = /opt' }])
  assert.deepEqual(told('3.12.1'), [])
})

test('activationChange() puts the environment first and takes another active one away', () => {
  const host = fakeHost({ env: { PATH: '/other/bin:/usr/bin', VIRTUAL_ENV: '/other', PYTHONHOME: '/home' } })
  const change = activationChange(host, { root: '/env', scripts: '/env/bin', prompt: 'env' })
  assert.deepEqual(change.pathBefore, ['/usr/bin'])
  assert.deepEqual(change.pathAfter, ['/env/bin', '/usr/bin'])
  const home = change.variables.find(({ name }) => name === 'PYTHONHOME')
  assert.equal(home?.before, '/home')
  assert.equal(home?.after, undefined)
})
