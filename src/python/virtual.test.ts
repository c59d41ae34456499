import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../tests/kit/fake-host.ts'
import { type FakeFiles, posixPython, windowsPython } from '../../tests/kit/installations.ts'
import { baseInPrefix, baseOf, membershipOf } from './virtual.ts'

const base = posixPython({ prefix: '/opt/py', version: '3.12.1' })

function baseFor(files: FakeFiles, executable: string): string {
  const host = fakeHost({ files })
  const membership = membershipOf(host, executable)
  assert.ok(membership !== undefined)
  const found = baseOf(host, executable, membership)
  return 'executable' in found ? found.executable : found.problem.text
}

test('membershipOf() sees pyvenv.cfg beside the executable or one directory above, and no further', () => {
  const host = fakeHost({ files: { '/e/pyvenv.cfg': 'home = /opt/py/bin\n', '/e/bin/sub/python': '' } })
  assert.equal(membershipOf(host, '/e/bin/python')?.root, '/e')
  assert.equal(membershipOf(host, '/e/python')?.root, '/e')
  assert.equal(membershipOf(host, '/e/bin/sub/python'), undefined)
})

test('baseOf() keeps the address that the environment was linked to', () => {
  const cfg = { '/e/pyvenv.cfg': 'home = /opt/py/bin\nversion = 3.12.1\n' }
  assert.equal(
    baseFor({ ...base, ...cfg, '/e/bin/python': { link: '/opt/py/bin/python3' } }, '/e/bin/python'),
    '/opt/py/bin/python3',
  )
  const chain = { '/e/bin/python': { link: 'python3' }, '/e/bin/python3': { link: '/opt/py/bin/python3.12' } }
  assert.equal(baseFor({ ...base, ...cfg, ...chain }, '/e/bin/python'), '/opt/py/bin/python3.12')
})

test('baseOf() believes the link where home says otherwise: its program is what runs', () => {
  const other = { ...base, ...posixPython({ prefix: '/other', version: '3.11.0' }) }
  const link = { '/e/bin/python': { link: '/other/bin/python3.11' } }
  for (const home of ['/opt/py/bin', '/gone/bin']) {
    const cfg = `home = ${home}\nversion = 3.12.1\nexecutable = /opt/py/bin/python3.12\n`
    assert.equal(baseFor({ ...other, ...link, '/e/pyvenv.cfg': cfg }, '/e/bin/python'), '/other/bin/python3.11')
  }
  // Two addresses of one program: home's is the one that lasts.
  const stable = { '/stable': { link: '/opt/py' }, '/e/pyvenv.cfg': 'home = /stable/bin\nversion = 3.12.1\n' }
  const files = { ...base, ...stable, '/e/bin/python': { link: '/opt/py/bin/python3.12' } }
  assert.equal(baseFor(files, '/e/bin/python'), '/stable/bin/python')
})

test('baseOf() finds the base of a copied executable by the names it may have', () => {
  const cfg = 'home = /opt/py/bin\nversion_info = 3.12.1\n'
  const files = { ...base, '/e/pyvenv.cfg': cfg, '/e/bin/python-copy': 'x' }
  assert.equal(baseFor(files, '/e/bin/python-copy'), '/opt/py/bin/python3.12')
  const named = { ...files, '/e/pyvenv.cfg': `${cfg}base-executable = /opt/py/bin/python3\n` }
  assert.equal(baseFor(named, '/e/bin/python-copy'), '/opt/py/bin/python3')
})

test('baseOf() finds the base on Windows', () => {
  const files = {
    ...windowsPython({ prefix: 'C:\\Py 312', version: '3.12.1' }),
    'D:\\e\\pyvenv.cfg': 'home = C:\\Py 312\r\nversion = 3.12.1\r\n',
    'D:\\e\\Scripts\\python.exe': 'redirector',
  }
  const host = fakeHost({ platform: 'win32', files })
  const membership = membershipOf(host, 'D:\\e\\Scripts\\python.exe')
  assert.ok(membership !== undefined)
  assert.deepEqual(baseOf(host, 'D:\\e\\Scripts\\python.exe', membership), { executable: 'C:\\Py 312\\python.exe' })
})

test('baseOf() says what the environment has lost', () => {
  const dangling = { '/e/pyvenv.cfg': 'home = /gone/bin\n', '/e/bin/python': { link: '/gone/bin/python3' } }
  assert.equal(baseFor(dangling, '/e/bin/python'), "it was made from a Python in /gone/bin, which isn't there any more")
  const emptied = { ...dangling, '/gone/bin/other': '' }
  assert.equal(
    baseFor(emptied, '/e/bin/python'),
    'it was made from a Python in /gone/bin, where there is none any more',
  )
  assert.equal(
    baseFor({ '/e/pyvenv.cfg': 'version = 3.12.1\n', '/e/bin/python': '' }, '/e/bin/python'),
    'its pyvenv.cfg names no home',
  )
})

test('baseInPrefix() finds the base of a virtualenv before 20', () => {
  const files = { ...posixPython({ prefix: '/opt/py2', version: '2.7.18' }), '/e/bin/python': 'copy' }
  assert.equal(baseInPrefix(fakeHost({ files }), '/opt/py2', '/e/bin/python'), '/opt/py2/bin/python')
  assert.equal(baseInPrefix(fakeHost({ files }), '/none', '/e/bin/python'), undefined)
})
