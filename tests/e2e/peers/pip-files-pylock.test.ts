// Lock files, dependency groups and inline script metadata against packaging and the specification's own regular expression. DEN_PEERS
// names a virtual environment with packaging 26.3; DEN_SEED varies the cases, DEN_CASES their number.

import assert from 'node:assert/strict'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { isDenError } from '../../../src/base/error.ts'
import { parseTomlDocument } from '../../../src/format/toml.ts'
import { parseDependencyGroups, resolveDependencyGroup } from '../../../src/spec/dependency-groups.ts'
import type { MarkerEnvironment } from '../../../src/spec/marker.ts'
import { type Pylock, parsePylock } from '../../../src/spec/pylock.ts'
import { pylockUrl, selectFromPylock } from '../../../src/spec/pylock-select.ts'
import { formatPylock } from '../../../src/spec/pylock-write.ts'
import { formatRequirement } from '../../../src/spec/requirement.ts'
import { findScriptBlocks } from '../../../src/spec/script-metadata.ts'
import { rankTags } from '../../../src/spec/tag.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount as count, diceFrom, seed } from '../../kit/random.ts'

const skip = skipWithout(['packaging', 'pip'], 'agreement with packaging about lock files')

const { random, one, some, list } = diceFrom(seed)
const rarely = <Item>(usual: Item, odd: readonly Item[], chance = 0.03): Item => (random() < chance ? one(odd) : usual)

const marker = (): string =>
  rarely(
    one([
      "python_version >= '3.8'",
      "sys_platform == 'win32'",
      "'x' in extras",
      "'dev' in dependency_groups",
      "'y' in extras or 'test' in dependency_groups",
      "'x' not in extras",
      "python_version < '3.8'",
      "sys_platform == 'linux' and 'dev' not in dependency_groups",
    ]),
    ['nonsense', "extras == 'x'", ''],
  )
const hashes = (): string => rarely('{sha256 = "aa", md5 = "bb"}', ['{}', '{sha256 = 1}', '"x"', '[]'])
const bytes = (file: string): string =>
  [
    some(0.5, () => rarely(`name = "${file}"`, ['name = ""', 'name = "other-1-py3-none-any.whl"', 'name = 1'])),
    rarely(
      one([
        `url = "https://files.example.org/${file.replace('-', '%2D')}"`,
        `path = "dir/${file}"`,
        `path = "${file}", url = "https://f.example.org/${file}?q#f"`,
      ]),
      ['', 'url = ""', 'url = 1'],
    ),
    some(0.4, () => rarely('size = 12', ['size = 1.5', 'size = true', 'size = "1"', 'size = 99999999999'])),
    some(0.4, () =>
      rarely('upload-time = 2025-01-25T11:30:10.164985Z', [
        'upload-time = 2025-01-25',
        'upload-time = "2025"',
        'upload-time = 2025-01-25T11:30:10',
        'upload-time = 11:30:10',
      ]),
    ),
    rarely(`hashes = ${hashes()}`, ['']),
  ]
    .filter((part) => part !== '')
    .join(', ')
const source = (): string => rarely('url = "https://c.example.org/r"', ['path = "../r"', '', 'path = ""'], 0.3)
function entry(): string {
  const name = one(['attrs', 'cattrs', 'zope-interface', 'numpy', 'pip'])
  const version = one(['1.0', '2.0.post1'])
  const file = name.replaceAll('-', '_')
  const wheel = (): string =>
    `${rarely(file, ['Attrs', 'other'])}-${rarely(version, ['3'])}-${one(['py3-none-any', 'cp313-cp313-manylinux_2_17_x86_64', 'cp312-cp312-win_amd64', 'cp313-abi3-linux_x86_64', 'py2.py3-none-any', 'cp313.cp312-none-any'])}${rarely('.whl', ['.zip', ''])}`
  const found = one([
    () =>
      `wheels = [\n${list(3, () => `  {${bytes(wheel())}},\n`).join('')}]\n${some(0.5, () => `sdist = {${bytes(`${file}-${version}${rarely('.tar.gz', ['.zip', '.egg'])}`)}}\n`)}`,
    () => `sdist = {${bytes(`${file}-${version}.tar.gz`)}}\n`,
    () =>
      `vcs = {type = "git", ${[source(), rarely('commit-id = "abc"', [''])].filter(Boolean).join(', ')}, requested-revision = "main"}\n`,
    () =>
      `directory = {path = "${rarely('.', [''])}", editable = ${rarely('true', ['1', 'false'], 0.3)}, subdirectory = "s"}\n`,
    () =>
      `archive = {${[source(), `hashes = ${hashes()}`, some(0.3, () => 'size = 3'), some(0.3, () => 'subdirectory = "s"')].filter(Boolean).join(', ')}}\n`,
  ])
  return `[[packages]]
${rarely(`name = "${name}"`, ['', 'name = "Attrs"', 'name = "a_b"', 'name = 1'])}
${some(0.7, () => rarely(`version = "${version}"\n`, ['version = "x"\n', 'version = 1.0\n', 'version = "01.0"\n']))}${some(0.4, () => `marker = "${marker()}"\n`)}${some(0.2, () => rarely('requires-python = ">=3.8"\n', ['requires-python = "<3"\n', 'requires-python = "x"\n'], 0.2))}${some(0.2, () => rarely('dependencies = [{name = "pip"}, {name = "numpy", version = "1"}]\n', ['dependencies = ["x"]\n', 'dependencies = {}\n']))}${some(0.2, () => 'index = "https://i.example.org/simple/"\n')}${found()}${some(0.03, found)}${some(0.15, () => rarely('[[packages.attestation-identities]]\nkind = "GitHub"\nworkflow = "x.yml"\n', ['[[packages.attestation-identities]]\nname = "x"\n']))}${some(0.15, () => '[packages.tool.x]\na = 1\nb = [1.5, {c = "d"}]\n[packages.tool.x.y]\nz = true\n')}`
}
const lockText = (): string =>
  `${rarely('lock-version = "1.0"', ['lock-version = "1.1"', 'lock-version = "2.0"', 'lock-version = 1.0', '', 'lock-version = "0.9"', 'lock-version = "x"', 'lock-version = "1"'], 0.1)}
${some(0.2, () => rarely('environments = ["sys_platform == \'linux\'", "sys_platform == \'darwin\'"]\n', ['environments = ["sys_platform == \'win32\'"]\n', 'environments = ["bad"]\n', 'environments = "x"\n', 'environments = []\n'], 0.3))}${some(0.3, () => rarely('requires-python = ">=3.9"\n', ['requires-python = ">=4"\n', 'requires-python = 3\n']))}extras = ["x", "y"]
${rarely('', ['extras = ["X"]\n', 'unknown = 1\n'])}dependency-groups = ["dev", "test"]
${some(0.4, () => rarely('default-groups = ["dev"]\n', ['default-groups = [1]\n']))}${rarely('created-by = "den"', ['', 'created-by = 1'])}
${rarely('', ['packages = []\n'])}
${list(3, entry).join('\n')}${some(0.2, () => '\n[tool.den]\n"odd key" = "\\u0001\\n"\n[tool.other.deep]\nx = 1979-05-27\n')}`

const environment: MarkerEnvironment = {
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
const tags = [
  'cp313-cp313-manylinux_2_17_x86_64',
  'cp313-cp313-linux_x86_64',
  'cp313-abi3-linux_x86_64',
  'cp313-none-any',
  'py3-none-any',
  'py2-none-any',
]

const groupName = (): string => one(['a', 'b', 'c', 'D_e', 'd.E', 'missing'])
const groupItem = (): string =>
  rarely(one(['"foo>=1"', '"bar[x]; python_version > \'3\'"', `{include-group = "${groupName()}"}`]), [
    '1',
    '{}',
    '"not valid!"',
    '{include-group = 1}',
    '{include-group = "a", x = 1}',
    '[]',
  ])
const groupsText = (): string =>
  `[dependency-groups]\n${['a', 'b', 'c', 'D_e', ...(random() < 0.1 ? ['d-e'] : [])].map((name) => `${name} = ${rarely(`[${list(3, groupItem).join(', ')}]`, ['"x"', '{}', '1'])}\n`).join('')}`

const scriptLine = (): string =>
  one([
    '# /// script',
    '# ///',
    '# ///',
    '# dependencies = []',
    '#',
    '# x',
    '#x',
    '# /// other',
    '# /// script ',
    '#  /// script',
    'print()',
    '',
    '# \u2028 y',
    '# /// a_b',
    ' # ///',
    '# \f',
    '# /// script',
    '#\t',
  ])
const scriptText = (): string =>
  list(9, () => (random() < 0.4 ? one(['# /// script', '# x = 1', '#', '# ///']) : scriptLine())).join(
    one(['\n', '\n', '\n', '\r\n', '\r']),
  ) + one(['', '\n', '\r\n'])

const place = (): { lock: string; path: string | null; url: string | null } => ({
  lock: one([
    '/a/b/pylock.toml',
    '/pylock.toml',
    'https://x.example.org/d/pylock.toml',
    'http://x.example.org:8080/pylock.toml?q',
    'file:///a/b/pylock.toml',
  ]),
  path: rarely(
    `${one(['', '', './', '../', 'sub/', 'sub/../', '../../../', '/', '/etc/'])}${one(['x.whl', 'a-1.tar.gz', 'x+y.whl'])}`,
    [
      '//other.example.org/x',
      'https://other.example.org/x',
      'https://x.example.org/y',
      'file:///etc/passwd',
      'ftp://x/y',
      'HTTPS://x.example.org/z',
    ],
    0.2,
  ),
  url: one([null, 'https://y.example.org/z.whl']),
})

interface Answers {
  readonly locks: readonly {
    readonly error?: string
    readonly packages: readonly string[]
    readonly same?: boolean
    readonly selected?: unknown
    readonly refused?: string
  }[]
  readonly groups: readonly (readonly string[] | null)[]
  readonly scripts: readonly (readonly [string, string])[][]
  readonly urls: readonly (string | null)[]
}

const tryTo = <Value>(make: () => Value): { readonly value?: Value; readonly problem: string } => {
  try {
    return { value: make(), problem: '' }
  } catch (error) {
    if (!isDenError(error)) throw error
    return { problem: `${error.code} ${JSON.stringify(error.detail)}` }
  }
}

describe(`lock files, groups and scripts mean what packaging takes them to mean (seed ${seed})`, () => {
  const locks = Array.from({ length: count }, () => {
    const text = lockText()
    const read = tryTo(() => parsePylock(text))
    return {
      text,
      read,
      written: read.value === undefined ? null : formatPylock(read.value),
      extras: list(2, () => one(['x', 'y'])),
      groups: one([null, null, [], ['dev'], ['test', 'dev']]),
      sdists: one([[], [], ['attrs', 'numpy']]),
    }
  })
  const groups = Array.from({ length: count }, () => ({ text: groupsText(), group: groupName() }))
  const scripts = Array.from({ length: count }, scriptText)
  const urls = Array.from({ length: count }, place)
  let answers: Answers
  before(() => {
    if (skip !== false) return
    answers = askOracle<Answers>('pip_files_pylock_oracle', {
      locks: locks.map(({ read, ...rest }) => rest),
      environment,
      tags,
      groups,
      scripts,
      urls,
    })
  })

  test('lock files are accepted, selected from, and written with the same meaning', { skip }, () => {
    let accepted = 0
    let selected = 0
    for (const [index, { text, read, extras, groups, sdists, written }] of locks.entries()) {
      const expected = answers.locks[index]!
      const shown = `${text}\npackaging: ${expected.error ?? expected.refused}\nden: ${read.problem}`
      assert.equal(read.value === undefined, expected.error !== undefined, shown)
      if (read.value === undefined) continue
      accepted++
      assert.equal(expected.same, true, `${shown}\n${written}`)
      assert.equal(formatPylock(parsePylock(written!)), written, 'writing what was written changes nothing')
      const lock: Pylock = read.value
      const ours = tryTo(() =>
        selectFromPylock(lock, {
          markers: environment,
          ranks: rankTags(tags),
          extras,
          ...(groups === null ? {} : { dependencyGroups: groups }),
          preferSdist: (name) => sdists.includes(name),
        }).map((one) => [one.package.name, one.kind, 'filename' in one.source ? one.source.filename : null]),
      )
      assert.equal(ours.value === undefined, expected.refused !== undefined, `${shown}\n${ours.problem}`)
      if (ours.value === undefined) continue
      selected++
      assert.deepEqual(ours.value, expected.selected, shown)
    }
    assert.ok(accepted > count / 6 && selected > count / 10, `${accepted} accepted, ${selected} selected`)
  })

  test('dependency groups are resolved alike', { skip }, () => {
    let sound = 0
    for (const [index, { text, group }] of groups.entries()) {
      const expected = answers.groups[index]!
      const ours = tryTo(() =>
        resolveDependencyGroup(parseDependencyGroups(parseTomlDocument(text)), group)
          .map(formatRequirement)
          .sort(),
      )
      const shown = `${group} of ${text}\nden: ${ours.problem}`
      assert.deepEqual(ours.value ?? null, expected, shown)
      if (expected !== null) sound++
    }
    assert.ok(sound > count / 8)
  })

  test('files are looked for where pip looks for them', { skip }, () => {
    for (const [index, { lock, path: file, url }] of urls.entries()) {
      // A path of two leading slashes is one like any other to den; Python keeps the two.
      if (lock.startsWith('/') && file?.startsWith('//') === true) continue
      const ours = tryTo(() =>
        pylockUrl(lock, { ...(file === null ? {} : { path: file }), ...(url === null ? {} : { url }) }, path.posix),
      )
      assert.equal(ours.value ?? null, answers.urls[index], JSON.stringify(urls[index]))
    }
  })

  test('script blocks are those of the regular expression', { skip }, () => {
    let found = 0
    for (const [index, text] of scripts.entries()) {
      const ours = findScriptBlocks(text).map(({ type, content }) => [type, content])
      assert.deepEqual(ours, answers.scripts[index], JSON.stringify(text))
      found += ours.length
    }
    assert.ok(found > count / 40, `only ${found} blocks`)
  })
})
