import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { interpreter, windowsInterpreter } from '../../../tests/kit/interpreters.ts'
import { isDenError } from '../../base/error.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import { basePython } from '../base.ts'
import type { PlanEntry } from '../plan.ts'
import { environmentLayout } from './layout.ts'

type FakeFiles = NonNullable<NonNullable<Parameters<typeof fakeHost>[0]>['files']>

/** One line an entry: "bin/", "bin/python3 -> python", "bin/python2.7 = /opt/…" (a copy), "lib/site.py" (a text). */
function lines(entries: readonly PlanEntry[]): readonly string[] {
  return entries.map((entry) => {
    switch (entry.kind) {
      case 'directory':
        return `${entry.path}/`
      case 'link':
        return `${entry.path} -> ${entry.target}`
      case 'copy':
        return `${entry.path} = ${entry.from}`
      default:
        return entry.path
    }
  })
}

function layoutOf(
  of: Interpreter,
  options: { readonly copies?: boolean; readonly files?: FakeFiles } = {},
): readonly string[] {
  const platform = of.platform === 'win32' ? 'win32' : of.platform === 'darwin' ? 'darwin' : 'linux'
  const host = fakeHost({ platform, files: options.files ?? {} })
  const entries = environmentLayout(host, {
    interpreter: of,
    base: basePython(host, of),
    copies: options.copies ?? false,
  })
  assertParentsFirst(entries)
  return lines(entries)
}

function assertParentsFirst(entries: readonly PlanEntry[]): void {
  const made = new Set([''])
  for (const { path, kind } of entries) {
    assert.ok(made.has(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''), `${path} before its parent`)
    assert.ok(!made.has(path), `${path} twice`)
    if (kind === 'directory') made.add(path)
  }
}

test('the layout of CPython 3.13 is that of venv, virtualenv and uv together', () => {
  assert.deepEqual(layoutOf(interpreter('3.13.0')), [
    'bin/',
    'bin/python -> /opt/python/3.13.0/bin/python3.13',
    'bin/python3 -> python',
    'bin/python3.13 -> python',
    'lib/',
    'lib/python3.13/',
    'lib/python3.13/site-packages/',
    'lib64 -> lib',
    'include/',
    'include/python3.13/',
  ])
})

test('the layout up to 3.10 has a bare include', () => {
  for (const release of ['3.6.15', '3.10.13']) {
    const made = layoutOf(interpreter(release, { abiFlags: release.startsWith('3.6') ? 'm' : '' }))
    assert.deepEqual(made.slice(-2), ['lib64 -> lib', 'include/'])
  }
})

test('the layout of a free-threaded build has its t in every name that has one', () => {
  const made = layoutOf(interpreter('3.13.0', { freeThreaded: true, executable: '/opt/python/3.13.0/bin/python3.13t' }))
  assert.ok(made.includes('bin/python3.13t -> python'))
  assert.ok(made.includes('bin/python3.13 -> python'))
  assert.ok(made.includes('lib/python3.13t/site-packages/'))
  assert.ok(made.includes('include/python3.13t/'))
})

test("the layout of a debug build keeps the executable's own name", () => {
  const debug = interpreter('3.12.1', {
    debug: true,
    abiFlags: 'd',
    executable: '/usr/bin/python3.12-dbg',
    realExecutable: '/usr/bin/python3.12-dbg',
    prefix: '/usr',
  })
  const made = layoutOf(debug)
  assert.ok(made.includes('bin/python3.12-dbg -> python'))
  assert.ok(made.includes('include/python3.12d/'))
})

test('32-bit systems and macOS get no lib64', () => {
  assert.ok(!layoutOf(interpreter('3.13.0', { bits: 32 })).includes('lib64 -> lib'))
  assert.ok(!layoutOf(interpreter('3.13.0', { platform: 'darwin' })).includes('lib64 -> lib'))
})

test('Fedora gets the link that makes purelib and platlib one', () => {
  const made = layoutOf(interpreter('3.13.0', { platlibdir: 'lib64', vendor: 'fedora' }))
  assert.ok(made.includes('lib/python3.13/site-packages/'))
  assert.ok(made.includes('lib64 -> lib'))
})

test('--copies copies the real executable and the library it loads', () => {
  const prefix = '/opt/python/3.13.0'
  const made = layoutOf(
    interpreter('3.13.0', { sharedLibrary: `${prefix}/lib/libpython3.13.so.1.0`, executable: `${prefix}/bin/python` }),
    {
      copies: true,
      files: {
        [`${prefix}/bin/python3.13`]: 'elf',
        [`${prefix}/bin/python`]: { link: 'python3.13' },
        [`${prefix}/lib/libpython3.13.so.1.0`]: 'elf',
      },
    },
  )
  assert.ok(made.includes(`bin/python = ${prefix}/bin/python3.13`))
  assert.ok(made.includes('bin/python3 -> python'))
  assert.ok(made.includes(`lib/libpython3.13.so.1.0 = ${prefix}/lib/libpython3.13.so.1.0`))
})

test("a macOS framework's environment leads to the stub in its bin, not to the application", () => {
  const versions = '/Library/Frameworks/Python.framework/Versions/3.13'
  const framework = interpreter('3.13.0', {
    platform: 'darwin',
    vendor: 'framework',
    framework: 'Python',
    prefix: versions,
    executable: '/usr/local/bin/python3.13',
    realExecutable: `${versions}/bin/python3.13`,
  })
  assert.ok(layoutOf(framework).includes('bin/python -> /usr/local/bin/python3.13'))
})

test("Xcode's Python refuses --copies", () => {
  const xcode = interpreter('3.9.6', { platform: 'darwin', vendor: 'xcode' })
  assert.throws(
    () => layoutOf(xcode, { copies: true }),
    (error) => isDenError(error, 'environment-unsupported'),
  )
})

const old = interpreter('2.7.18', { executable: '/opt/python/2.7.18/bin/python' })

test('the layout of CPython 2.7 holds landmarks, a real executable and a link for each header', () => {
  const base = '/opt/python/2.7.18'
  const made = layoutOf(old, {
    files: {
      [`${base}/bin/python2.7`]: 'elf',
      [`${base}/lib/python2.7/config/Makefile`]: '',
      [`${base}/include/python2.7/Python.h`]: '',
      [`${base}/include/python2.7/sub/more.h`]: '',
    },
  })
  assert.deepEqual(made, [
    'bin/',
    `bin/python2.7 = ${base}/bin/python2.7`,
    'bin/python2 -> python2.7',
    'bin/python -> python2.7',
    'lib/',
    'lib/python2.7/',
    'lib/python2.7/site-packages/',
    'lib64 -> lib',
    `lib/python2.7/os.py -> ${base}/lib/python2.7/os.py`,
    `lib/python2.7/lib-dynload -> ${base}/lib/python2.7/lib-dynload`,
    `lib/python2.7/lib-old -> ${base}/lib/python2.7`,
    'lib/python2.7/site.py',
    'lib/python2.7/config/',
    `lib/python2.7/config/Makefile -> ${base}/lib/python2.7/config/Makefile`,
    'include/',
    'include/python2.7/',
    `include/python2.7/Python.h -> ${base}/include/python2.7/Python.h`,
    'include/python2.7/sub/',
    `include/python2.7/sub/more.h -> ${base}/include/python2.7/sub/more.h`,
  ])
})

test('the layout of CPython 2.7 follows Debian and Red Hat to their directories', () => {
  const debian = layoutOf(
    interpreter('2.7.18', {
      prefix: '/usr',
      vendor: 'debian',
      stdlib: '/usr/lib/python2.7',
      platstdlib: '/usr/lib/python2.7',
    }),
    { files: { '/usr/lib/python2.7/config-x86_64-linux-gnu/Makefile': '' } },
  )
  assert.ok(
    debian.includes(
      'lib/python2.7/config-x86_64-linux-gnu/Makefile -> /usr/lib/python2.7/config-x86_64-linux-gnu/Makefile',
    ),
  )
  const redHat = layoutOf(
    interpreter('2.7.18', {
      prefix: '/usr',
      platlibdir: 'lib64',
      stdlib: '/usr/lib64/python2.7',
      platstdlib: '/usr/lib64/python2.7',
    }),
  )
  assert.ok(redHat.includes('lib/python2.7/os.py -> /usr/lib64/python2.7/os.py'))
  assert.ok(redHat.includes('lib64 -> lib'))
})

test('a framework build of 2.7 is refused with the reason', () => {
  assert.throws(
    () => layoutOf(interpreter('2.7.18', { platform: 'darwin', vendor: 'framework' })),
    (error) => isDenError(error, 'environment-unsupported'),
  )
})

test('the layout of PyPy brings its engine, its portable libraries and all its names', () => {
  const prefix = '/opt/pypy'
  const pypy = interpreter('3.10.14', {
    implementation: 'pypy',
    prefix,
    executable: `${prefix}/bin/pypy3.10`,
    realExecutable: `${prefix}/bin/pypy3.10`,
    stdlib: `${prefix}/lib/pypy3.10`,
  })
  const made = layoutOf(pypy, {
    files: {
      [`${prefix}/bin/libpypy3.10-c.so`]: '',
      [`${prefix}/bin/pypy3.10`]: '',
      [`${prefix}/lib/PYPY_PORTABLE_DEPS.txt`]: 'libtk8.6.so\nmissing.so\n../../etc\n',
      [`${prefix}/lib/libtk8.6.so`]: '',
    },
  })
  assert.deepEqual(made, [
    'bin/',
    `bin/python -> ${prefix}/bin/pypy3.10`,
    'bin/python3 -> python',
    'bin/python3.10 -> python',
    'bin/pypy -> python',
    'bin/pypy3 -> python',
    'bin/pypy3.10 -> python',
    `bin/libpypy3.10-c.so -> ${prefix}/bin/libpypy3.10-c.so`,
    'lib/',
    'lib/pypy3.10/',
    'lib/pypy3.10/site-packages/',
    'lib64 -> lib',
    `lib/libtk8.6.so -> ${prefix}/lib/libtk8.6.so`,
    'include/',
  ])
})

test('the layout of GraalPy brings what its launcher loads from beside itself', () => {
  const prefix = '/opt/graalpy'
  const graalpy = interpreter('3.11.7', {
    implementation: 'graalpy',
    prefix,
    executable: `${prefix}/bin/graalpy`,
    realExecutable: `${prefix}/bin/graalpy`,
  })
  const made = layoutOf(graalpy, {
    files: { [`${prefix}/bin/graalpy`]: '', [`${prefix}/lib/libpythonvm.so`]: '', [`${prefix}/modules/x`]: '' },
  })
  assert.ok(made.includes('bin/graalpy -> python'))
  assert.ok(made.includes(`lib/libpythonvm.so -> ${prefix}/lib/libpythonvm.so`))
  assert.ok(made.includes(`modules -> ${prefix}/modules`))
  assert.ok(made.includes('lib/python3.11/site-packages/'))
})

test('what has no virtual environments is refused', () => {
  for (const implementation of ['jython', 'ironpython', 'micropython'] as const) {
    assert.throws(
      () => layoutOf(interpreter('3.4.0', { implementation })),
      (error) => isDenError(error, 'environment-unsupported'),
    )
  }
})

test("Windows takes the redirector where each version's venv keeps it", () => {
  const nt = 'C:\\Python\\Lib\\venv\\scripts\\nt'
  const cases: readonly (readonly [Interpreter, FakeFiles, readonly string[]])[] = [
    [
      windowsInterpreter('3.12.1'),
      { [`${nt}\\python.exe`]: '', [`${nt}\\pythonw.exe`]: '' },
      [`Scripts/python.exe = ${nt}\\python.exe`, `Scripts/pythonw.exe = ${nt}\\pythonw.exe`],
    ],
    [
      windowsInterpreter('3.13.0'),
      { [`${nt}\\venvlauncher.exe`]: '', [`${nt}\\venvwlauncher.exe`]: '', [`${nt}\\python.exe`]: '' },
      [`Scripts/python.exe = ${nt}\\venvlauncher.exe`, `Scripts/pythonw.exe = ${nt}\\venvwlauncher.exe`],
    ],
    [
      windowsInterpreter('3.13.0', { freeThreaded: true }),
      { [`${nt}\\venvlaunchert.exe`]: '' },
      [`Scripts/python.exe = ${nt}\\venvlaunchert.exe`, `Scripts/python3.13t.exe = ${nt}\\venvlaunchert.exe`],
    ],
    [
      windowsInterpreter('3.11.0', { debug: true }),
      { [`${nt}\\python_d.exe`]: '' },
      [`Scripts/python.exe = ${nt}\\python_d.exe`, `Scripts/python_d.exe = ${nt}\\python_d.exe`],
    ],
    [
      windowsInterpreter('3.12.1', { vendor: 'conda' }),
      { 'C:\\Python\\venvlauncher.exe': '' },
      ['Scripts/python.exe = C:\\Python\\venvlauncher.exe'],
    ],
  ]
  for (const [of, files, wanted] of cases) {
    const made = layoutOf(of, { files: { 'C:\\Python\\python.exe': '', ...files } })
    assert.deepEqual(made.slice(0, 4), ['Scripts/', 'Lib/', 'Lib/site-packages/', 'Include/'])
    assert.deepEqual(made.slice(4), wanted)
  }
})

test('Windows copies executable and libraries before 3.7.2, and those of an embeddable build', () => {
  const files: FakeFiles = {
    'C:\\Python\\python.exe': '',
    'C:\\Python\\pythonw.exe': '',
    'C:\\Python\\python36.dll': '',
    'C:\\Python\\vcruntime140.dll': '',
    'C:\\Python\\pywintypes36.dll': '',
    'C:\\Python\\LICENSE.txt': '',
  }
  const names = (made: readonly string[]): readonly string[] =>
    made
      .filter((line) => line.includes(' = '))
      .map((line) => line.split(' = ')[0]!)
      .sort()
  assert.deepEqual(names(layoutOf(windowsInterpreter('3.6.8'), { files })), [
    'Scripts/python.exe',
    'Scripts/python36.dll',
    'Scripts/pythonw.exe',
    'Scripts/vcruntime140.dll',
  ])
  const embeddable = {
    'C:\\Python\\python.exe': '',
    'C:\\Python\\python312.zip': '',
    'C:\\Python\\python312._pth': '',
    'C:\\Python\\_ssl.pyd': '',
  }
  assert.deepEqual(names(layoutOf(windowsInterpreter('3.12.1'), { files: embeddable })), [
    'Scripts/_ssl.pyd',
    'Scripts/python.exe',
    'Scripts/python312.zip',
  ])
})

test('Windows without a redirector says which file is missing', () => {
  assert.throws(
    () => layoutOf(windowsInterpreter('3.12.1'), { files: { 'C:\\Python\\python.exe': '' } }),
    (error) =>
      isDenError(error, 'interpreter-incomplete') &&
      error.detail.missing === 'C:\\Python\\Lib\\venv\\scripts\\nt\\python.exe',
  )
})

test('2.7 on Windows copies its landmarks and the import libraries', () => {
  const made = layoutOf(windowsInterpreter('2.7.18'), {
    files: {
      'C:\\Python\\python.exe': '',
      'C:\\Python\\python27.dll': '',
      'C:\\Python\\libs\\python27.lib': '',
      'C:\\Python\\Include\\Python.h': '',
      'C:\\Python\\Lib\\os.py': '',
    },
  })
  for (const line of [
    'Scripts/python27.dll = C:\\Python\\python27.dll',
    'Lib/os.py = C:\\Python\\Lib\\os.py',
    'Lib/site.py',
    'libs/python27.lib = C:\\Python\\libs\\python27.lib',
    'Include/Python.h = C:\\Python\\Include\\Python.h',
  ]) {
    assert.ok(made.includes(line), line)
  }
})

test('basePython() keeps to names that outlive a patch release', () => {
  const at = (changes: Partial<Interpreter>, files: FakeFiles): string => {
    const host = fakeHost({ files })
    return basePython(host, interpreter('3.11.2', changes)).executable
  }
  // Debian's python3 is another minor version tomorrow.
  assert.equal(
    at(
      { prefix: '/usr', executable: '/usr/bin/python3', realExecutable: '/usr/bin/python3.11' },
      { '/usr/bin/python3.11': '', '/usr/bin/python3': { link: 'python3.11' } },
    ),
    '/usr/bin/python3.11',
  )
  // Homebrew's Cellar holds one patch release.
  assert.equal(
    at(
      {
        prefix: '/opt/homebrew/opt/python@3.11/Frameworks/Python.framework/Versions/3.11',
        executable: '/opt/homebrew/Cellar/python@3.11/3.11.2/bin/python3.11',
        vendor: 'homebrew',
      },
      {
        '/opt/homebrew/opt/python@3.11': { link: '../Cellar/python@3.11/3.11.2' },
        '/opt/homebrew/Cellar/python@3.11/3.11.2/bin/python3.11': '',
      },
    ),
    '/opt/homebrew/opt/python@3.11/bin/python3.11',
  )
  // A link from elsewhere is no place from which Python finds its library.
  assert.equal(
    at(
      {
        prefix: '/opt/py',
        executable: '/home/me/.local/bin/python3.11',
        realExecutable: '/opt/py/bin/python3.11',
      },
      { '/opt/py/bin/python3.11': '', '/home/me/.local/bin/python3.11': { link: '/opt/py/bin/python3.11' } },
    ),
    '/opt/py/bin/python3.11',
  )
  // A directory link that stands for the minor version is kept.
  assert.equal(
    at(
      {
        prefix: '/uv/cpython-3.11',
        executable: '/uv/cpython-3.11/bin/python3.11',
        realExecutable: '/uv/cpython-3.11.2/bin/python3.11',
      },
      { '/uv/cpython-3.11.2/bin/python3.11': '', '/uv/cpython-3.11': { link: 'cpython-3.11.2' } },
    ),
    '/uv/cpython-3.11/bin/python3.11',
  )
})

test("basePython() gives GraalPy's old home without bin", () => {
  const graalpy = interpreter('3.10.8', { implementation: 'graalpy', prefix: '/g', executable: '/g/bin/graalpy' })
  assert.equal(basePython(fakeHost(), graalpy).home, '/g')
  const newer = interpreter('3.11.7', { implementation: 'graalpy', prefix: '/g', executable: '/g/bin/graalpy' })
  assert.equal(basePython(fakeHost(), newer).home, '/g/bin')
})
