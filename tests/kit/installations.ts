// Installations of Python as trees of small files, laid out as the real ones are, for a faked machine.

import { fakeElf, fakeMachO, fakePe } from './binaries.ts'
import type { FakeEntry } from './fake-host.ts'

export type FakeFiles = Record<string, FakeEntry>

export interface PosixPython {
  readonly prefix: string
  /** "3.13.0", "3.14.0rc2". */
  readonly version: string
  /** "m", "d", "t", "td"; "" unless said. */
  readonly flags?: string
  /** Whether libpython is a file of its own. */
  readonly shared?: boolean
  /** Whether Python.h and its kin are installed; yes unless said. */
  readonly headers?: boolean
  readonly platlibdir?: 'lib' | 'lib64'
  readonly musl?: boolean
}

/** patchlevel.h as CPython's own is written. */
export function patchLevel(version: string): string {
  const [, major, minor, micro, level, serial] = /^(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?$/.exec(version)!
  const name = { a: 'ALPHA', b: 'BETA', rc: 'GAMMA' }[level ?? ''] ?? 'FINAL'
  return [
    '#define PY_RELEASE_LEVEL_ALPHA  0xA',
    '#define PY_RELEASE_LEVEL_BETA   0xB',
    '#define PY_RELEASE_LEVEL_GAMMA  0xC     /* For release candidates */',
    '#define PY_RELEASE_LEVEL_FINAL  0xF     /* Serial should be 0 here */',
    `#define PY_MAJOR_VERSION        ${major}`,
    `#define PY_MINOR_VERSION        ${minor}`,
    `#define PY_MICRO_VERSION        ${micro}`,
    `#define PY_RELEASE_LEVEL        PY_RELEASE_LEVEL_${name}`,
    `#define PY_RELEASE_SERIAL       ${serial ?? 0}`,
    `#define PY_VERSION              "${version}"`,
  ].join('\n')
}

/** CPython on Linux as `make install` leaves it. */
export function posixPython(options: PosixPython): FakeFiles {
  const { prefix, version, flags = '', shared = false, headers = true, platlibdir = 'lib', musl = false } = options
  const line = /^\d+\.\d+/.exec(version)![0]
  const threads = flags.includes('t') ? 't' : ''
  const stdlib = `${prefix}/${platlibdir}/python${line}${threads}`
  const library = `libpython${line}${flags}.so.1.0`
  const multiarch = `x86_64-linux-${musl ? 'musl' : 'gnu'}`
  const loader = musl ? '/lib/ld-musl-x86_64.so.1' : '/lib64/ld-linux-x86-64.so.2'
  const constants = ['3.1', 'Python', version]
  const program = fakeElf({
    interpreter: loader,
    needed: shared ? [library, 'libc.so.6'] : ['libc.so.6'],
    ...(shared ? { runpath: `${prefix}/${platlibdir}` } : { constants }),
  })
  const extension = line === '2.7' ? '.so' : `.cpython-${line.replace('.', '')}${flags}-${multiarch}.so`
  return {
    [loader]: 'loader',
    [`${prefix}/bin/python${line}${threads}`]: program,
    [`${prefix}/bin/python${line.slice(0, 1)}`]: { link: `python${line}${threads}` },
    [`${prefix}/bin/python`]: { link: `python${line}${threads}` },
    [`${stdlib}/os.py`]: '',
    [`${stdlib}/lib-dynload/_heapq${extension}`]: '',
    [`${stdlib}/ensurepip/_bundled/pip-24.0-py3-none-any.whl`]: '',
    ...(shared ? { [`${prefix}/${platlibdir}/${library}`]: fakeElf({ constants }) } : {}),
    ...(headers ? { [`${prefix}/include/python${line}${flags}/patchlevel.h`]: patchLevel(version) } : {}),
  }
}

/** python.org's framework, or Homebrew's with its own prefix. */
export function frameworkPython(options: { readonly framework: string; readonly version: string }): FakeFiles {
  const { framework, version } = options
  const line = /^\d+\.\d+/.exec(version)![0]
  const threads = framework.endsWith('PythonT.framework') ? 't' : ''
  const name = threads === 't' ? 'PythonT' : 'Python'
  const prefix = `${framework}/Versions/${line}`
  return {
    [`${prefix}/bin/python${line}${threads}`]: {
      content: fakeMachO({ needed: [`${prefix}/${name}`, '/usr/lib/libSystem.B.dylib'] }),
      mode: 0o755,
    },
    [`${prefix}/bin/python3`]: { link: `python${line}${threads}` },
    [`${prefix}/${name}`]: fakeMachO(),
    [`${prefix}/lib/python${line}${threads}/os.py`]: '',
    [`${prefix}/lib/python${line}${threads}/lib-dynload/_heapq.cpython-${line.replace('.', '')}${threads}-darwin.so`]:
      '',
    [`${prefix}/include/python${line}${threads}/patchlevel.h`]: patchLevel(version),
  }
}

/** python.org's installation on Windows, or the embeddable package. */
export function windowsPython(options: {
  readonly prefix: string
  readonly version: string
  readonly embeddable?: boolean
  readonly machine?: 'AMD64' | 'ARM64' | 'x86'
  readonly threads?: boolean
}): FakeFiles {
  const { prefix, version, embeddable = false, machine = 'AMD64', threads = false } = options
  const [major, minor, micro] = version.split('.').map(Number)
  const dll = `python${major}${minor}${threads ? 't' : ''}.dll`
  return {
    [`${prefix}\\python.exe`]: fakePe({
      machine,
      needed: ['VCRUNTIME140.dll', dll, 'KERNEL32.dll'],
      fileVersion: [major!, minor!, micro! * 1000 + 150, 1013],
    }),
    [`${prefix}\\${dll}`]: fakePe({ machine }),
    ...(embeddable
      ? { [`${prefix}\\python${major}${minor}.zip`]: '', [`${prefix}\\python${major}${minor}._pth`]: '' }
      : { [`${prefix}\\Lib\\os.py`]: '', [`${prefix}\\Lib\\ensurepip\\_bundled\\pip-24.0-py3-none-any.whl`]: '' }),
  }
}

/** PyPy as its own archives hold it. */
export function pypy(options: { readonly prefix: string; readonly version: string; readonly own: string }): FakeFiles {
  const { prefix, version, own } = options
  const line = /^\d+\.\d+/.exec(version)![0]
  const short = line.replace('.', '')
  return {
    '/lib64/ld-linux-x86-64.so.2': 'loader',
    [`${prefix}/bin/pypy${line}`]: fakeElf({
      needed: [`libpypy${line}-c.so`, 'libc.so.6'],
      runpath: '$ORIGIN/:$ORIGIN/../lib',
    }),
    [`${prefix}/bin/pypy3`]: { link: `pypy${line}` },
    [`${prefix}/bin/python3`]: { link: `pypy${line}` },
    [`${prefix}/bin/libpypy${line}-c.so`]: fakeElf(),
    [`${prefix}/lib/pypy${line}/os.py`]: '',
    [`${prefix}/lib/pypy${line}/_ssl_cffi.pypy${short}-pp73-x86_64-linux-gnu.so`]: '',
    [`${prefix}/include/pypy${line}/patchlevel.h`]: `${patchLevel(version)}\n#define PYPY_VERSION "${own}"\n`,
  }
}
