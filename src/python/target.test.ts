import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeElf } from '../../tests/kit/binaries.ts'
import { type FakeEntry, type FakeMachine, fakeHost } from '../../tests/kit/fake-host.ts'
import { interpreter } from '../../tests/kit/interpreters.ts'
import type { Interpreter } from './interpreter.ts'
import { crossTarget, type Target, targetOf } from './target.ts'

const program = '/opt/python/3.12.1/bin/python3.12'
const glibcLoader = '/lib64/ld-linux-x86-64.so.2'
const glibc = (release: string): Record<string, FakeEntry> => ({
  [program]: fakeElf({ interpreter: glibcLoader }),
  [glibcLoader]: { link: '/lib/x86_64-linux-gnu/ld-2.so' },
  '/lib/x86_64-linux-gnu/ld-2.so': fakeElf(),
  '/lib/x86_64-linux-gnu/libc.so.6': fakeElf({
    constants: [
      '127.0.0.1',
      `GNU C Library (Debian GLIBC ${release}-9) stable release version ${release}.\nCopyright`,
      'x',
    ],
  }),
})

function target(machine: FakeMachine, changes: Partial<Interpreter> = {}, release = '3.12.1'): Target {
  return targetOf({ host: fakeHost(machine) }, interpreter(release, changes))
}

test('targetOf() reads the release of glibc from the library beside the loader', () => {
  const { tags, ranks } = target({ files: glibc('2.31') })
  assert.equal(tags[1], 'cp312-cp312-manylinux_2_31_x86_64')
  assert.equal(ranks.get(tags[1]!), 1)
  // Where the loader is no link, or its library is beside the link.
  const nix = '/nix/store/x-glibc-2.40/lib'
  const files = { [program]: fakeElf({ interpreter: `${nix}/ld-linux.so.2` }), [`${nix}/ld-linux.so.2`]: fakeElf() }
  const library = fakeElf({ constants: ['GNU C Library (GNU libc) development release version 2.40.9000.'] })
  assert.equal(
    target({ files: { ...files, [`${nix}/libc.so.6`]: library } }).tags[1],
    'cp312-cp312-manylinux_2_40_x86_64',
  )
  assert.ok(!target({ files }).tags.some((tag) => tag.includes('manylinux')), 'no library, no claim')
})

test('targetOf() reads the release of musl from its loader, and knows static builds', () => {
  const loader = '/lib/ld-musl-x86_64.so.1'
  const files = {
    [program]: fakeElf({ interpreter: loader }),
    [loader]: fakeElf({ constants: ['127.0.0.1', '1.2.4-git-13-gabc', 'musl libc (x86_64)\nVersion %s\n'] }),
  }
  const platforms = (made: Target): readonly string[] =>
    made.tags.filter((tag) => tag.startsWith('py3-none-')).map((tag) => tag.slice(9))
  assert.deepEqual(platforms(target({ files })), [
    'linux_x86_64',
    'musllinux_1_2_x86_64',
    'musllinux_1_1_x86_64',
    'musllinux_1_0_x86_64',
    'any',
  ])
  assert.deepEqual(platforms(target({ files: { [program]: fakeElf({}) } })), ['linux_x86_64', 'any'])
  assert.deepEqual(platforms(target({ files: {} })), ['linux_x86_64', 'any'])
})

test('targetOf() honours _manylinux as far as its text tells', () => {
  const stdlib = '/opt/python/3.12.1/lib/python3.12'
  const made = (place: string, text: string): readonly string[] =>
    target({ files: { ...glibc('2.17'), [`${stdlib}/${place}`]: text } }).tags
  const has = (tags: readonly string[], platform: string): boolean => tags.some((tag) => tag.endsWith(`-${platform}`))
  const some = made('_manylinux.py', 'manylinux1_compatible = False\nmanylinux2014_compatible = True\n')
  assert.ok(!has(some, 'manylinux1_x86_64') && !has(some, 'manylinux_2_5_x86_64'))
  assert.ok(has(some, 'manylinux2010_x86_64') && has(some, 'manylinux2014_x86_64'))
  const none = made('site-packages/_manylinux.py', 'def manylinux_compatible(*_):\n    return False\n')
  assert.ok(!none.some((tag) => tag.includes('manylinux')) && has(none, 'linux_x86_64'))
})

test('targetOf() gives the marker fields that the Python would', () => {
  const kernel = { system: 'Linux', release: '6.1.0', version: '#1 SMP', machine: 'x86_64' }
  assert.deepEqual(
    { ...target({ kernel }).markers },
    {
      implementation_name: 'cpython',
      implementation_version: '3.12.1',
      os_name: 'posix',
      platform_machine: 'x86_64',
      platform_python_implementation: 'CPython',
      platform_release: '6.1.0',
      platform_system: 'Linux',
      platform_version: '#1 SMP',
      python_full_version: '3.12.1',
      python_version: '3.12',
      sys_platform: 'linux',
    },
  )
  const old = target({ kernel }, {}, '2.7.18')
  assert.equal(old.markers.sys_platform, 'linux2')
  assert.equal(old.tags[0], 'cp27-cp27mu-linux_x86_64')
  const pypy = target(
    { kernel },
    {
      implementation: 'pypy',
      implementationVersion: '7.3.17',
      soabi: 'pypy310-pp73-x86_64-linux-gnu',
    },
  )
  assert.equal(pypy.markers.implementation_version, '7.3.17')
  assert.equal(pypy.markers.platform_python_implementation, 'PyPy')
  const preview = target({ kernel }, { version: { major: 3, minor: 15, micro: 0, level: 'alpha', serial: 7 } })
  assert.equal(preview.markers.python_full_version, '3.15.0a7')
  assert.equal(preview.pythonVersion.text, '3.15.0a7')
})

test('targetOf() asks the kernel only for what only it knows', () => {
  const host = fakeHost({ files: glibc('2.36') })
  let asked = 0
  const kernel = (): ReturnType<typeof host.kernel> => {
    asked += 1
    return host.kernel()
  }
  const counting = { ...host, kernel }
  const { markers } = targetOf({ host: counting }, interpreter('3.12.1'))
  assert.equal(markers.platform_machine, 'x86_64')
  assert.equal(asked, 0)
  assert.equal(markers.platform_release, '6.1.0-13-amd64')
  assert.equal(asked, 1)
  assert.equal(host.spawned.length, 0)
})

test('targetOf() knows a 32-bit Python on a 64-bit kernel', () => {
  const narrow = target({ files: glibc('2.17') }, { bits: 32, machine: 'i686' })
  assert.equal(narrow.tags[0], 'cp312-cp312-linux_i686')
  assert.equal(narrow.tags[1], 'cp312-cp312-manylinux_2_17_i686')
  assert.equal(narrow.markers.platform_machine, 'x86_64')
  const kernel = { system: 'Linux', release: '6.1', version: '', machine: 'aarch64' }
  const arm = (flags: number): readonly string[] => {
    const elf = fakeElf({ interpreter: glibcLoader, machine: 'i686' })
    const view = new DataView(elf.buffer, elf.byteOffset)
    view.setUint16(18, 40, true)
    view.setUint32(36, flags, true)
    return target({ kernel, files: { ...glibc('2.17'), [program]: elf } }, { bits: 32, machine: 'armv7l' }).tags
  }
  assert.equal(arm(0x05000400)[2], 'cp312-cp312-manylinux_2_17_armv8l')
  assert.ok(!arm(0x05000200).some((tag) => tag.includes('manylinux')), 'soft float')
})

test('targetOf() knows macOS, Windows and BSD', () => {
  const plist = '<plist><dict><key>ProductVersion</key>\n\t<string>14.5</string></dict></plist>'
  const mac = target(
    {
      platform: 'darwin',
      kernel: { system: 'Darwin', release: '23.5.0', version: 'Darwin Kernel Version 23.5.0', machine: 'arm64' },
      files: { '/System/Library/CoreServices/SystemVersion.plist': plist },
    },
    { platform: 'darwin', machine: 'arm64' },
  )
  assert.equal(mac.tags[0], 'cp312-cp312-macosx_14_0_arm64')
  assert.equal(mac.markers.platform_system, 'Darwin')
  assert.equal(mac.markers.platform_release, '23.5.0')

  const windows = (release: string, product: string, changes: Partial<Interpreter> = {}): Target =>
    target(
      {
        platform: 'win32',
        env: { PROCESSOR_ARCHITECTURE: 'x86', Processor_ArchiteW6432: 'AMD64' },
        kernel: { system: 'Windows_NT', release, version: 'Windows 11 Pro', machine: 'x86_64' },
        registry: { 'HKLM64\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions': { ProductType: product } },
      },
      { platform: 'win32', machine: 'AMD64', ...changes },
    )
  const desktop = windows('10.0.22631', 'WinNT')
  assert.equal(desktop.tags[0], 'cp312-cp312-win_amd64')
  assert.deepEqual(
    [
      desktop.markers.os_name,
      desktop.markers.sys_platform,
      desktop.markers.platform_release,
      desktop.markers.platform_version,
    ],
    ['nt', 'win32', '11', '10.0.22631'],
  )
  assert.equal(windows('10.0.19045', 'WinNT').markers.platform_release, '10')
  assert.equal(windows('10.0.20348', 'ServerNT').markers.platform_release, '2022Server')
  const narrow = windows('6.1.7601', 'WinNT', { bits: 32, machine: 'x86' })
  assert.equal(narrow.tags[0], 'cp312-cp312-win32')
  assert.deepEqual([narrow.markers.platform_release, narrow.markers.platform_machine], ['7', 'AMD64'])
  assert.ok(
    targetOf(
      { host: fakeHost({ platform: 'win32' }) },
      interpreter('3.7.9', { platform: 'win32', machine: 'AMD64' }),
    ).tags.includes('cp37-cp37m-win_amd64'),
  )

  const kernel = { system: 'FreeBSD', release: '14.1-RELEASE', version: 'FreeBSD 14.1', machine: 'amd64' }
  const bsd = target({ platform: 'freebsd', kernel }, { platform: 'freebsd', machine: 'amd64' })
  assert.equal(bsd.tags[0], 'cp312-cp312-freebsd_14_1_release_amd64')
  assert.equal(bsd.markers.sys_platform, 'freebsd14')
})

test('crossTarget() gives markers that fit the platform asked for', () => {
  const base = target({ files: glibc('2.36') })
  assert.equal(crossTarget(base, {}), base)
  const windows = crossTarget(base, { platforms: ['win_arm64'], pythonVersion: [3, 9] })
  assert.deepEqual(
    { ...windows.markers },
    {
      implementation_name: 'cpython',
      implementation_version: '3.9.0',
      os_name: 'nt',
      platform_machine: 'ARM64',
      platform_python_implementation: 'CPython',
      platform_release: '',
      platform_system: 'Windows',
      platform_version: '',
      python_full_version: '3.9.0',
      python_version: '3.9',
      sys_platform: 'win32',
    },
  )
  assert.deepEqual([windows.platform, windows.machine, windows.pythonVersion.text], ['win32', 'ARM64', '3.9.0'])
  const fields = (platform: string): readonly string[] => {
    const { markers, machine } = crossTarget(base, { platforms: [platform] })
    return [markers.sys_platform, markers.platform_system, machine]
  }
  assert.deepEqual(fields('manylinux2014_aarch64'), ['linux', 'Linux', 'aarch64'])
  assert.deepEqual(fields('manylinux_2_28_ppc64le'), ['linux', 'Linux', 'ppc64le'])
  assert.deepEqual(fields('macosx_11_0_arm64'), ['darwin', 'Darwin', 'arm64'])
  assert.deepEqual(fields('ios_13_0_arm64_iphonesimulator'), ['ios', 'iOS', 'arm64'])
  assert.deepEqual(fields('android_24_arm64_v8a'), ['android', 'Android', 'aarch64'])
  assert.deepEqual(fields('pyemscripten_2025_0_wasm32'), ['emscripten', 'Emscripten', 'wasm32'])
  assert.deepEqual(fields('musllinux_1_2_x86_64'), ['linux', 'Linux', 'x86_64'])
  const same = crossTarget(base, { platforms: ['manylinux2014_x86_64'] })
  assert.equal(same.markers.platform_release, base.markers.platform_release)
  const pypy = crossTarget(base, { implementation: 'pp', pythonVersion: [3, 10] })
  assert.deepEqual([pypy.markers.implementation_name, pypy.markers.platform_python_implementation], ['pypy', 'PyPy'])
})
