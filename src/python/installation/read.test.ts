import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeElf } from '../../../tests/kit/binaries.ts'
import { type FakeMachine, fakeHost } from '../../../tests/kit/fake-host.ts'
import { frameworkPython, patchLevel, posixPython, pypy, windowsPython } from '../../../tests/kit/installations.ts'
import { formatPythonVersion, type Interpreter } from '../interpreter.ts'
import { readInstallation } from './read.ts'

function read(machine: FakeMachine, executable: string): Interpreter {
  const reading = readInstallation(fakeHost(machine), executable)
  assert.ok(reading.kind === 'interpreter', JSON.stringify(reading))
  return reading.interpreter
}

function problemOf(machine: FakeMachine, executable: string): string {
  const reading = readInstallation(fakeHost(machine), executable)
  return reading.kind === 'problem' ? reading.problem.code : reading.kind
}

test('readInstallation() gives every fact of a shared CPython on Linux', () => {
  const files = posixPython({ prefix: '/opt/py', version: '3.13.0', shared: true })
  assert.deepEqual(read({ files }, '/opt/py/bin/python3'), {
    executable: '/opt/py/bin/python3',
    realExecutable: '/opt/py/bin/python3.13',
    implementation: 'cpython',
    version: { major: 3, minor: 13, micro: 0, level: 'final', serial: 0 },
    freeThreaded: false,
    debug: false,
    abiFlags: '',
    soabi: 'cpython-313-x86_64-linux-gnu',
    bits: 64,
    machine: 'x86_64',
    platform: 'linux',
    libc: 'glibc',
    prefix: '/opt/py',
    execPrefix: '/opt/py',
    platlibdir: 'lib',
    stdlib: '/opt/py/lib/python3.13',
    platstdlib: '/opt/py/lib/python3.13',
    include: '/opt/py/include/python3.13',
    sharedLibrary: '/opt/py/lib/libpython3.13.so.1.0',
    wheelDirectories: ['/opt/py/lib/python3.13/ensurepip/_bundled'],
    source: 'files',
  })
})

test('readInstallation() tells the builds of one line apart by their ABI flags', () => {
  const facts = (version: string, flags: string): unknown => {
    const threads = flags.includes('t') ? 't' : ''
    const files = posixPython({ prefix: '/p', version, flags })
    const found = read({ files }, `/p/bin/python${/^\d\.\d+/.exec(version)![0]}${threads}`)
    return [found.abiFlags, found.freeThreaded, found.debug, found.soabi, found.include, found.stdlib]
  }
  assert.deepEqual(facts('3.7.16', 'm'), [
    'm',
    false,
    false,
    'cpython-37m-x86_64-linux-gnu',
    '/p/include/python3.7m',
    '/p/lib/python3.7',
  ])
  assert.deepEqual(facts('3.12.1', 'd'), [
    'd',
    false,
    true,
    'cpython-312d-x86_64-linux-gnu',
    '/p/include/python3.12d',
    '/p/lib/python3.12',
  ])
  assert.deepEqual(facts('3.13.0', 't'), [
    't',
    true,
    false,
    'cpython-313t-x86_64-linux-gnu',
    '/p/include/python3.13t',
    '/p/lib/python3.13t',
  ])
  assert.deepEqual(facts('3.14.0rc2', 'td'), [
    'td',
    true,
    true,
    'cpython-314td-x86_64-linux-gnu',
    '/p/include/python3.14td',
    '/p/lib/python3.14t',
  ])
  assert.deepEqual(facts('2.7.18', ''), ['', false, false, undefined, '/p/include/python2.7', '/p/lib/python2.7'])
})

test("readInstallation() tells Debian's debug build from the release beside it by its name", () => {
  const files = {
    ...posixPython({ prefix: '/usr', version: '3.11.2' }),
    '/usr/bin/python3.11d': fakeElf({ constants: ['3.11.2'] }),
    '/usr/lib/python3.11/lib-dynload/_heapq.cpython-311d-x86_64-linux-gnu.so': '',
  }
  assert.equal(read({ files }, '/usr/bin/python3.11').abiFlags, '')
  assert.equal(read({ files }, '/usr/bin/python3.11d').abiFlags, 'd')
})

test('readInstallation() finds the version in the program or its library where no headers are', () => {
  for (const shared of [false, true]) {
    const files = posixPython({ prefix: '/p', version: '3.11.2', shared, headers: false })
    const reading = readInstallation(fakeHost({ files }), '/p/bin/python3.11')
    assert.ok(reading.kind === 'interpreter')
    assert.equal(formatPythonVersion(reading.interpreter.version), '3.11.2')
  }
})

test('readInstallation() believes build-details.json before the headers (PEP 739)', () => {
  const info = { major: 3, minor: 14, micro: 2, releaselevel: 'candidate', serial: 1 }
  const details = (version: string): string =>
    JSON.stringify({
      schema_version: '1.0',
      base_prefix: '../..',
      platform: 'linux-x86_64',
      language: { version, version_info: info },
      implementation: { name: 'cpython', cache_tag: 'cpython-314', version: info, hexversion: 0x030e02c1 },
      abi: { flags: [], extension_suffix: '.cpython-314-x86_64-linux-gnu.so' },
    })
  const tree = posixPython({ prefix: '/p', version: '3.14.0' })
  const versionWith = (text: string): string =>
    formatPythonVersion(
      read({ files: { ...tree, '/p/lib/python3.14/build-details.json': text } }, '/p/bin/python').version,
    )
  assert.equal(versionWith(details('3.14')), '3.14.2rc1')
  assert.equal(versionWith(details('3.15')), '3.14.0')
  assert.equal(versionWith('{'), '3.14.0')
  // All extension modules linked in: the file names the suffix.
  const { '/p/lib/python3.14/lib-dynload/_heapq.cpython-314-x86_64-linux-gnu.so': _, ...linked } = tree
  const files = { ...linked, '/p/lib/python3.14/build-details.json': details('3.14') }
  assert.equal(read({ files }, '/p/bin/python').soabi, 'cpython-314-x86_64-linux-gnu')
})

test('readInstallation() keeps links among directories and follows the own link of the program, as getpath does', () => {
  const files = {
    ...posixPython({ prefix: '/v/3.12.1', version: '3.12.1' }),
    '/v/3.12': { link: '3.12.1' },
    '/home/me/.local/bin/py': { link: '/v/3.12/bin/python3' },
  }
  assert.equal(read({ files }, '/v/3.12/bin/python').prefix, '/v/3.12')
  assert.equal(read({ files }, '/home/me/.local/bin/py').prefix, '/v/3.12')
})

test('readInstallation() never takes the root for a prefix: /bin/python3 of a merged system is in /usr', () => {
  const files = {
    ...posixPython({ prefix: '/usr', version: '3.11.2' }),
    '/bin': { link: 'usr/bin' },
    '/lib': { link: 'usr/lib' },
  }
  assert.equal(read({ files }, '/bin/python3').prefix, '/usr')
})

test('readInstallation() knows vendors by what they leave around', () => {
  const usr = posixPython({ prefix: '/usr', version: '3.11.2' })
  const debian = read(
    {
      files: {
        ...usr,
        '/usr/lib/python3/dist-packages': undefined,
        '/usr/share/python-wheels': undefined,
        '/usr/lib/python3.11/EXTERNALLY-MANAGED': '',
      },
    },
    '/usr/bin/python3.11',
  )
  assert.equal(debian.vendor, 'debian')
  assert.equal(debian.externallyManaged, '/usr/lib/python3.11/EXTERNALLY-MANAGED')
  assert.deepEqual(debian.wheelDirectories, ['/usr/lib/python3.11/ensurepip/_bundled', '/usr/share/python-wheels'])

  const lib64 = posixPython({ prefix: '/usr', version: '3.13.0', platlibdir: 'lib64', shared: true })
  const fedora = read(
    { files: { ...lib64, '/etc/os-release': 'NAME="Fedora Linux"\nID=fedora\n' } },
    '/usr/bin/python3',
  )
  assert.deepEqual([fedora.vendor, fedora.platlibdir, fedora.stdlib], ['fedora', 'lib64', '/usr/lib64/python3.13'])
  const suse = read({ files: { ...lib64, '/etc/os-release': 'ID="opensuse-leap"\n' } }, '/usr/bin/python3')
  assert.equal(suse.vendor, undefined)

  const tree = posixPython({ prefix: '/opt/x', version: '3.12.1' })
  assert.equal(read({ files: { ...tree, '/opt/x/conda-meta/history': '' } }, '/opt/x/bin/python').vendor, 'conda')
  assert.equal(
    read({ files: { ...tree, '/opt/x/BUILD': '20240107' } }, '/opt/x/bin/python').vendor,
    'python-build-standalone',
  )
  const pc = { '/opt/x/lib/pkgconfig/python-3.12.pc': '# See: man pkg-config\nprefix=/install\n' }
  assert.equal(read({ files: { ...tree, ...pc } }, '/opt/x/bin/python').vendor, 'python-build-standalone')
  const nix = posixPython({ prefix: '/nix/store/abc-python3-3.12.1', version: '3.12.1' })
  assert.equal(read({ files: nix }, '/nix/store/abc-python3-3.12.1/bin/python3').vendor, 'nix')
})

test('readInstallation() tells musl by the loader', () => {
  const files = posixPython({ prefix: '/usr/local', version: '3.12.1', shared: true, musl: true })
  const found = read({ files }, '/usr/local/bin/python3')
  assert.deepEqual([found.libc, found.soabi], ['musl', 'cpython-312-x86_64-linux-musl'])
})

test('readInstallation() reads a framework build on macOS', () => {
  const files = frameworkPython({ framework: '/Library/Frameworks/Python.framework', version: '3.13.1' })
  const executable = '/Library/Frameworks/Python.framework/Versions/3.13/bin/python3'
  const found = read({ platform: 'darwin', arch: 'arm64', files }, executable)
  const prefix = '/Library/Frameworks/Python.framework/Versions/3.13'
  assert.deepEqual(
    [found.prefix, found.framework, found.vendor, found.sharedLibrary, found.soabi, found.machine, found.libc],
    [prefix, 'Python', 'framework', `${prefix}/Python`, 'cpython-313-darwin', 'arm64', undefined],
  )
})

test("readInstallation() names Homebrew's stable prefix, not the Cellar's", () => {
  const cellar = '/opt/homebrew/Cellar/python@3.13/3.13.1'
  const files = {
    ...frameworkPython({ framework: `${cellar}/Frameworks/Python.framework`, version: '3.13.1' }),
    [`${cellar}/bin/python3.13`]: { link: '../Frameworks/Python.framework/Versions/3.13/bin/python3.13' },
    '/opt/homebrew/opt/python@3.13': { link: '../Cellar/python@3.13/3.13.1' },
    '/opt/homebrew/bin/python3.13': { link: '../Cellar/python@3.13/3.13.1/bin/python3.13' },
  }
  const found = read({ platform: 'darwin', files }, '/opt/homebrew/bin/python3.13')
  const prefix = '/opt/homebrew/opt/python@3.13/Frameworks/Python.framework/Versions/3.13'
  assert.deepEqual([found.vendor, found.prefix, found.stdlib], ['homebrew', prefix, `${prefix}/lib/python3.13`])
})

test("readInstallation() reads python.org's installation on Windows", () => {
  const prefix = 'C:\\Program Files\\Python312'
  const found = read(
    { platform: 'win32', files: windowsPython({ prefix, version: '3.12.1' }) },
    `${prefix}\\python.exe`,
  )
  assert.deepEqual(found, {
    executable: `${prefix}\\python.exe`,
    realExecutable: `${prefix}\\python.exe`,
    implementation: 'cpython',
    version: { major: 3, minor: 12, micro: 1, level: 'final', serial: 0 },
    freeThreaded: false,
    debug: false,
    abiFlags: '',
    soabi: 'cp312-win_amd64',
    bits: 64,
    machine: 'AMD64',
    platform: 'win32',
    prefix,
    execPrefix: prefix,
    platlibdir: 'lib',
    stdlib: `${prefix}\\Lib`,
    platstdlib: `${prefix}\\Lib`,
    include: `${prefix}\\Include`,
    sharedLibrary: `${prefix}\\python312.dll`,
    wheelDirectories: [`${prefix}\\Lib\\ensurepip\\_bundled`],
    source: 'files',
  })
})

test('readInstallation() reads 32-bit, ARM, free-threaded and embeddable Pythons on Windows', () => {
  const facts = (options: Partial<Parameters<typeof windowsPython>[0]>): unknown => {
    const found = read(
      { platform: 'win32', files: windowsPython({ prefix: 'C:\\P', version: '3.13.0', ...options }) },
      'C:\\P\\python.exe',
    )
    return [found.soabi, found.bits, found.freeThreaded, found.stdlib]
  }
  assert.deepEqual(facts({ machine: 'x86' }), ['cp313-win32', 32, false, 'C:\\P\\Lib'])
  assert.deepEqual(facts({ machine: 'ARM64' }), ['cp313-win_arm64', 64, false, 'C:\\P\\Lib'])
  assert.deepEqual(facts({ threads: true }), ['cp313t-win_amd64', 64, true, 'C:\\P\\Lib'])
  assert.deepEqual(facts({ embeddable: true }), ['cp313-win_amd64', 64, false, 'C:\\P\\python313.zip'])
  assert.deepEqual(facts({ version: '3.7.9' }), [undefined, 64, false, 'C:\\P\\Lib'])
})

test('readInstallation() reads PyPy with both of its versions', () => {
  const files = pypy({ prefix: '/opt/pypy', version: '3.10.14', own: '7.3.17' })
  const found = read({ files }, '/opt/pypy/bin/python3')
  assert.deepEqual(
    [found.implementation, formatPythonVersion(found.version), found.implementationVersion, found.soabi, found.stdlib],
    ['pypy', '3.10.14', '7.3.17', 'pypy310-pp73-x86_64-linux-gnu', '/opt/pypy/lib/pypy3.10'],
  )
  assert.equal(found.sharedLibrary, '/opt/pypy/bin/libpypy3.10-c.so')
})

test('readInstallation() reads the prefix that virtualenv before 20 left', () => {
  const files = { ...posixPython({ prefix: '/e', version: '2.7.18' }), '/e/lib/python2.7/orig-prefix.txt': '/opt/py\n' }
  assert.deepEqual(readInstallation(fakeHost({ files }), '/e/bin/python'), {
    kind: 'environment',
    root: '/e',
    base: '/opt/py',
  })
})

test('readInstallation() names what is wrong with a broken one', () => {
  const tree = posixPython({ prefix: '/p', version: '3.12.1', shared: true })
  assert.equal(problemOf({}, '/p/bin/python'), 'not-found')
  assert.equal(problemOf({ files: { '/p/bin/python': { link: '/gone/python3' } } }, '/p/bin/python'), 'dangling-link')
  assert.equal(problemOf({ files: { '/b/a': { link: 'b' }, '/b/b': { link: 'a' } } }, '/b/a'), 'link-loop')
  assert.equal(problemOf({ files: { '/p/bin/python': undefined } }, '/p/bin/python'), 'not-a-file')
  assert.equal(
    problemOf({ files: { '/p/bin/python': { content: 'x', mode: 0o644 } } }, '/p/bin/python'),
    'not-executable',
  )
  assert.equal(
    problemOf({ files: { '/p/bin/python': { content: '', mode: 0o755 } } }, '/p/bin/python'),
    'not-executable',
  )
  assert.equal(problemOf({ files: { ...tree, '/p/bin': { closed: true } } }, '/p/bin/python'), 'unreadable')
  const loaderless = Object.fromEntries(Object.entries(tree).filter(([name]) => !name.startsWith('/lib64/')))
  assert.equal(problemOf({ files: loaderless }, '/p/bin/python'), 'foreign')
  assert.equal(problemOf({ platform: 'win32', files: { 'C:\\A\\python.exe': '' } }, 'C:\\A\\python.exe'), 'store-stub')
})

test('readInstallation() leaves to asking what files do not tell', () => {
  const why = (files: FakeMachine['files'], executable: string): string | undefined => {
    const reading = readInstallation(fakeHost({ files: files ?? {} }), executable)
    return reading.kind === 'unknown' ? reading.why : undefined
  }
  assert.equal(why({ '/bin/python': '#!/bin/sh\nexec other' }, '/bin/python'), 'it is a script')
  const moved = posixPython({ prefix: '/p', version: '3.12.1', shared: true })
  const lost = Object.fromEntries(Object.entries(moved).filter(([name]) => !name.endsWith('.so.1.0')))
  assert.equal(why(lost, '/p/bin/python'), 'its library is found by the loader alone')
  const copied = { ...posixPython({ prefix: '/p', version: '3.12.1' }), '/x/bin/python3.12': fakeElf() }
  assert.equal(why(copied, '/x/bin/python3.12'), 'its standard library is not where getpath looks first')
  const bare = {
    ...posixPython({ prefix: '/p', version: '3.12.1' }),
    '/p/include/python3.12/patchlevel.h': patchLevel('3.11.0'),
    '/p/bin/python3.12': fakeElf(),
  }
  assert.equal(why(bare, '/p/bin/python3.12'), 'no file tells its full version')
})

test('readInstallation() takes no other program for the Python that it stands beside', () => {
  const files = { ...posixPython({ prefix: '/usr', version: '3.11.2' }), '/usr/bin/ls': fakeElf({ constants: [] }) }
  assert.equal(readInstallation(fakeHost({ files }), '/usr/bin/ls').kind, 'unknown')
})
