import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import type { MarkerEnvironment } from './marker.ts'
import { type Pylock, parsePylock } from './pylock.ts'
import { isPylockName } from './pylock-place.ts'
import { pylockUrl, type SelectOptions, selectFromPylock } from './pylock-select.ts'
import { formatPylock } from './pylock-write.ts'
import { rankTags } from './tag.ts'

const markers: MarkerEnvironment = {
  implementation_name: 'cpython',
  implementation_version: '3.13.1',
  os_name: 'posix',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1',
  platform_system: 'Linux',
  platform_version: '1',
  python_full_version: '3.13.1',
  python_version: '3.13',
  sys_platform: 'linux',
}
const target: SelectOptions = { markers, ranks: rankTags(['cp313-cp313-linux_x86_64', 'py3-none-any']) }

const head = 'lock-version = "1.0"\ncreated-by = "den"\n'
const wheel = (name: string): string => `{url = "https://files.example.org/${name}", hashes = {sha256 = "aa"}}`
const attrs = `[[packages]]\nname = "attrs"\nversion = "25.1.0"\nwheels = [${wheel('attrs-25.1.0-py3-none-any.whl')}]\n`

/** In den's own form, so that it is also what writing gives. */
const whole = `lock-version = "1.0"
environments = ['sys_platform == "linux"', 'sys_platform == "win32"']
requires-python = ">=3.12"
extras = ["x"]
dependency-groups = ["dev"]
default-groups = ["dev"]
created-by = "mousebender"

[[packages]]
name = "attrs"
version = "25.1.0"
marker = 'python_version < "4"'
requires-python = ">=3.8"
dependencies = [
  {name = "cattrs"},
]
index = "https://index.example.org/simple"
sdist = {upload-time = 2025-01-25T11:30:12.164985Z, url = "https://files.example.org/attrs-25.1.0.tar.gz", size = 1, hashes = {sha256 = "bb"}}
wheels = [
  {name = "attrs-25.1.0-py3-none-any.whl", upload-time = 2025-01-25T11:30:10.164985Z, url = "https://files.example.org/x", size = 63152, hashes = {md5 = "cc", sha256 = "aa"}},
]

[[packages.attestation-identities]]
kind = "GitHub"
workflow = "pypi.yml"

[packages.tool.den]
seen = 1

[[packages]]
name = "here"
directory = {path = "here", editable = true}

[[packages]]
name = "there"
vcs = {type = "git", url = "https://code.example.org/there", requested-revision = "main", commit-id = "abc", subdirectory = "s"}

[[packages]]
name = "zipped"
archive = {path = "z/zipped-1.zip", size = 3, hashes = {sha256 = "dd"}}

[tool.den]
note = "kept"
`

function refusal(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-lock-file', 'lock-file-mismatch', 'unsupported-lock-file'), String(error))
    const { what, why } = diagnose(error)
    return `${what}: ${why}`
  }
  assert.fail('it was accepted')
}

describe('parsePylock() and formatPylock()', () => {
  test('read and write every table, in the order of the specification', () => {
    const lock = parsePylock(whole)
    assert.equal(formatPylock(lock), whole)
    assert.equal(lock.packages[0]!.wheels![0]!.filename, 'attrs-25.1.0-py3-none-any.whl')
    assert.equal(lock.packages[0]!.sdist!.filename, 'attrs-25.1.0.tar.gz')
    assert.equal(lock.packages[0]!.wheels![0]!.uploadTime!.text, '2025-01-25T11:30:10.164985Z')
    assert.equal(lock.tool!['den'] !== undefined, true)
  })

  test('sort packages and files, so that equal locks are equal texts', () => {
    const lock = parsePylock(whole)
    const turned: Pylock = { ...lock, packages: [...lock.packages].reverse() }
    assert.equal(formatPylock(turned), whole)
    assert.equal(formatPylock({ ...lock, packages: [], tool: Object.create(null) }).includes('packages = []\n'), true)
  })

  test('refuse what the specification does not allow, at its place', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['created-by = "x"\npackages = []', /lock-version is missing/],
      ['lock-version = 1.0\ncreated-by = "x"\npackages = []', /lock-version is a string/],
      [head, /packages is missing/],
      [`${head}extras = ["A_b"]\npackages = []`, /normalized here: a-b/],
      [`${head}environments = ["nope"]\npackages = []`, /line 3 of/],
      [head + attrs.replace('attrs"', 'Attrs"'), /normalized/],
      [head + attrs.replace('"25.1.0"', '"25.2"'), /not of version 25.2/],
      [head + attrs.replace('attrs"', 'cattrs"'), /no file of cattrs/],
      [head + attrs.replace('sha256 = "aa"', ''), /at least one hash/],
      [head + attrs.replace('"aa"', '1'), /a hash is a string/],
      [head + attrs.replace('.whl', '.txt'), /not how a wheel is called/],
      [head + attrs.replace('url = ', 'size = 1.0, url = '), /size is a whole number/],
      [head + attrs.replace('url = ', 'upload-time = 2025-01-01, url = '), /a date with a time/],
      [head + attrs.replace(/url = "[^"]*", /, ''), /path or url is missing/],
      [`${head}${attrs}directory = {path = "."}`, /no vcs, directory or archive/],
      [`${head}[[packages]]\nname = "a"`, /exactly one of/],
      [`${head}[[packages]]\nname = "a"\nvcs = {type = "git", url = "u"}`, /commit-id is missing/],
      [`${head}${attrs}[[packages.attestation-identities]]\nx = 1`, /kind is missing/],
    ]
    for (const [text, expected] of cases)
      assert.match(
        refusal(() => parsePylock(text)),
        expected,
        text,
      )
    assert.match(
      refusal(() => parsePylock('lock-version = "2.0"\ncreated-by = "x"\npackages = []')),
      /version 2.0/,
    )
  })
})

describe('selectFromPylock()', () => {
  const select = (text: string, options: Partial<SelectOptions> = {}): string[] =>
    selectFromPylock(parsePylock(head + text), { ...target, ...options }).map(
      (one) => `${one.package.name} ${'filename' in one.source ? one.source.filename : one.kind}`,
    )

  test('takes the best wheel, the source distribution where none fits or it is preferred', () => {
    const text = `[[packages]]
name = "a"
sdist = ${wheel('a-1.tar.gz')}
wheels = [${['a-1-py3-none-any.whl', 'a-1-cp313-cp313-linux_x86_64.whl', 'a-1-cp313-cp313-win_amd64.whl'].map(wheel).join(', ')}]
`
    assert.deepEqual(select(text), ['a a-1-cp313-cp313-linux_x86_64.whl'])
    assert.deepEqual(select(text, { preferSdist: () => true }), ['a a-1.tar.gz'])
    assert.deepEqual(select(text, { ranks: new Map() }), ['a a-1.tar.gz'])
    assert.match(
      refusal(() => select(text.replace(/sdist.*\n/, ''), { ranks: new Map() })),
      /no wheel of a fits/,
    )
  })

  test('goes by extras and groups, the default ones unless others are named', () => {
    const one = (name: string, marker: string): string =>
      `[[packages]]\nname = "${name}"\nmarker = "${marker}"\ndirectory = {path = "${name}"}\n`
    const text = `extras = ["x"]\ndependency-groups = ["Dev", "docs"]\ndefault-groups = ["Dev"]\n${one('a', "'x' in extras")}${one('b', "'dev' in dependency_groups")}${one('c', "'docs' in dependency_groups")}`
    assert.deepEqual(select(text), ['b directory'])
    assert.deepEqual(select(text, { extras: ['X'], dependencyGroups: [] }), ['a directory'])
    assert.deepEqual(select(text, { dependencyGroups: ['docs', 'dev'] }), ['b directory', 'c directory'])
    assert.match(
      refusal(() => select(text, { extras: ['y'] })),
      /no extra y/,
    )
    assert.match(
      refusal(() => select(text, { dependencyGroups: ['y'] })),
      /no dependency group y/,
    )
  })

  test('refuses what was made for another environment, and two of one name', () => {
    assert.match(
      refusal(() => select('requires-python = "<3.10"\npackages = []')),
      /for Python <3.10, and this is 3.13.1/,
    )
    assert.match(
      refusal(() => select('environments = ["os_name == \'nt\'"]\npackages = []')),
      /other environments/,
    )
    assert.match(
      refusal(() => select(attrs + attrs)),
      /more than one attrs/,
    )
    assert.match(
      refusal(() => select(`${attrs}requires-python = ">=4"`)),
      /attrs is for Python >=4/,
    )
    assert.deepEqual(select(attrs + attrs.replace('"25.1.0"\n', '"25.1.0"\nmarker = "os_name == \'nt\'"\n')).length, 1)
  })

  test('takes a Python built between releases for what it is', () => {
    const built = { ...markers, python_full_version: '3.13.5+' }
    assert.equal(select(`requires-python = ">=3.13.5"\n${attrs}`, { markers: built }).length, 1)
  })
})

test('pylockUrl() resolves paths beside the lock, and keeps a lock from elsewhere where it came from', () => {
  const at = (lock: string, place: { url?: string; path?: string }): string => pylockUrl(lock, place, path.posix)
  assert.equal(at('/a/b/pylock.toml', { path: '../c d.whl', url: 'https://x.example.org/' }), 'file:///a/c%20d.whl')
  assert.equal(at('/a/pylock.toml', { path: '/z/x.whl' }), 'file:///z/x.whl')
  assert.equal(at('/a/pylock.toml', { url: 'https://x.example.org/y.whl' }), 'https://x.example.org/y.whl')
  assert.equal(at('https://x.example.org/l/pylock.toml', { path: '../y.whl' }), 'https://x.example.org/y.whl')
  for (const bad of ['/etc/passwd', 'file:///etc/passwd', '//other.example.org/x', 'https://other.example.org/x']) {
    assert.match(
      refusal(() => at('https://x.example.org/pylock.toml', { path: bad })),
      /came from a URL/,
    )
  }
})

test('isPylockName() knows what the specification allows', () => {
  for (const name of ['pylock.toml', 'pylock.dev.toml']) assert.ok(isPylockName(name))
  for (const name of ['pylock.a.b.toml', 'pylock..toml', 'Pylock.toml', 'x.toml']) assert.ok(!isPylockName(name))
})
