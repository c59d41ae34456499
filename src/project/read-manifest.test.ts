import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeEntry, fakeHost } from '../../tests/kit/fake-host.ts'
import { diagnose, isDenError } from '../base/error.ts'
import { resolveDependencyGroup } from '../spec/dependency-groups.ts'
import { normalizeName } from '../spec/name.ts'
import { formatRequirement } from '../spec/requirement.ts'
import { parseScriptMetadata } from '../spec/script-metadata.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import type { Manifest } from './manifest.ts'
import { findProject, manifestOfScript, readManifest } from './read-manifest.ts'

const now = Date.parse('2026-03-10T00:00:00Z')

function read(text: string, others: Readonly<Record<string, FakeEntry>> = {}): Manifest {
  const files = { '/p/pyproject.toml': text, ...others }
  return readManifest(fakeHost({ files, cwd: '/p', now: () => now }), '/p/pyproject.toml')
}

/** What and why of the refusal, with the drawing of its place. */
function refusal(text: string, others: Readonly<Record<string, FakeEntry>> = {}): string {
  try {
    read(text, others)
  } catch (error) {
    assert.ok(isDenError(error), String(error))
    const { code, what, why } = diagnose(error)
    return `${code}: ${what}: ${why}`
  }
  assert.fail(`it was accepted: ${text}`)
}

const project = '[project]\nname = "My.App"\nversion = "1.0"\n'

test('a file that is no UTF-8 is refused, with the line: writing it again would lose its bytes', () => {
  const bytes = Buffer.from(`${project}# caf\xe9\n`, 'latin1')
  const host = fakeHost({ files: { '/p/pyproject.toml': bytes, '/q/pyproject.toml': `${project}# \uFFFD\n` } })
  for (const look of [() => findProject(host, '/p'), () => readManifest(host, '/p/pyproject.toml')]) {
    assert.throws(look, (error) => {
      assert.ok(isDenError(error, 'not-utf8'), String(error))
      assert.deepEqual(error.detail, { file: '/p/pyproject.toml', line: 4 })
      return true
    })
  }
  assert.equal(findProject(host, '/q')?.name, 'my-app')
})

test('readManifest() reads what the standards have', () => {
  const manifest = read(`${project}requires-python = ">=3.10"
dependencies = ["a>=1", "b[x]; sys_platform == 'linux'"]
optional-dependencies = { Fast_Mode = ["c"] }
[dependency-groups]
dev = ["t", { include-group = "docs" }]
docs = ["d"]
[build-system]
requires = ["hatchling"]
`)
  assert.equal(manifest.name, 'my-app')
  assert.equal(manifest.rawName, 'My.App')
  assert.equal(manifest.version?.text, '1.0')
  assert.equal(formatSpecifiers(manifest.requiresPython!), '>=3.10')
  assert.deepEqual(manifest.dependencies.map(formatRequirement), ['a>=1', 'b[x]; sys_platform == "linux"'])
  assert.deepEqual(
    [...manifest.extras].map(([name, list]) => [name, list.map(formatRequirement)]),
    [['fast-mode', ['c']]],
  )
  assert.deepEqual(resolveDependencyGroup(manifest.groups, 'dev').map(formatRequirement), ['t', 'd'])
  assert.deepEqual(manifest.defaultGroups, ['dev'])
  assert.equal(manifest.isPackage, true)
  assert.equal(manifest.directory, '/p')
  assert.equal(read(project).isPackage, false)
  assert.deepEqual(read('[dependency-groups]\nx = ["y"]\n').defaultGroups, [])
})

test('findProject() passes over files that speak of no project, broken ones without its words too', () => {
  const host = fakeHost({
    files: {
      '/p/pyproject.toml': project,
      '/p/lib/pyproject.toml': '[tool.ruff]\nline-length = 100\n',
      '/p/lib/deep/pyproject.toml': 'broken = [',
      '/p/lib/deep/er/x': '',
      '/q/pyproject.toml': '[tool.poetry]\nname = \n',
    },
  })
  assert.equal(findProject(host, '/p/lib/deep/er')?.file, '/p/pyproject.toml')
  assert.equal(findProject(host, '/elsewhere'), undefined)
  assert.throws(
    () => findProject(host, '/q'),
    (error) => isDenError(error, 'invalid-toml'),
  )
  assert.throws(
    () => readManifest(host, '/p/lib/pyproject.toml'),
    (error) => isDenError(error, 'no-project'),
  )
})

test('[tool.uv] is read as uv means it', () => {
  const { settings, defaultGroups, isPackage, groups } = read(`${project}
[build-system]
requires = ["hatchling"]
[dependency-groups]
dev = ["a"]
Test_It = ["b"]
[tool.uv]
package = false
dev-dependencies = ["c>1"]
default-groups = ["dev", "test-it"]
constraint-dependencies = ["x<2"]
override-dependencies = ["y==1; sys_platform == 'linux'"]
exclude-dependencies = ["Z_z"]
environments = "sys_platform == 'linux'"
required-environments = ["sys_platform == 'darwin'", "sys_platform == 'win32'"]
conflicts = [[{ extra = "One" }, { group = "Test_It" }]]
exclude-newer = "2026-01-31"
resolution = "lowest-direct"
prerelease = "allow"
fork-strategy = "fewest"
no-binary = true
no-build-package = ["Q"]
index-url = "https://main.example.org/simple"
find-links = ["./wheels"]
[[tool.uv.index]]
name = "extra"
url = "https://user:secret@extra.example.org/simple"
explicit = true
[[tool.uv.index]]
name = "flat"
url = "links"
format = "flat"
[tool.uv.sources]
Some_Thing = { path = "../thing", editable = true }
repo = { git = "https://git.example.org/r", tag = "v1", subdirectory = "s" }
file = { url = "https://files.example.org/f-1.0.zip" }
many = [
  { index = "extra", marker = "sys_platform == 'linux'" },
  { git = "https://git.example.org/m", branch = "main", group = "dev" },
]
`)
  assert.deepEqual(defaultGroups, ['dev', 'test-it'])
  assert.equal(isPackage, false)
  assert.deepEqual(resolveDependencyGroup(groups, 'dev').map(formatRequirement), ['a', 'c>1'])
  assert.deepEqual(settings.constraints.map(formatRequirement), ['x<2'])
  assert.deepEqual(settings.overrides.map(formatRequirement), ['y==1; sys_platform == "linux"'])
  assert.deepEqual(settings.exclusions, ['z-z'])
  assert.deepEqual(
    settings.environments.map(({ text }) => text),
    ['sys_platform == "linux"'],
  )
  assert.equal(settings.requiredEnvironments.length, 2)
  assert.deepEqual(settings.conflicts, [[{ extra: 'one' }, { group: 'test-it' }]])
  assert.equal(settings.excludeNewer, Date.parse('2026-02-01T00:00:00Z'))
  assert.equal(settings.strategy, 'lowest-direct')
  assert.equal(settings.prereleases, 'allow')
  assert.equal(settings.forkStrategy, 'fewest')
  assert.deepEqual(settings.noBinary, [':all:'])
  assert.deepEqual(settings.onlyBinary, ['q'])
  assert.deepEqual(settings.findLinks, ['./wheels'])
  assert.deepEqual(settings.indexes, [
    { name: 'extra', url: 'https://user:secret@extra.example.org/simple', isDefault: false, isExplicit: true },
    { name: 'flat', url: 'links', isDefault: false, isExplicit: false, isFlat: true },
    { url: 'https://main.example.org/simple', isDefault: true, isExplicit: false },
  ])
  const source = (name: string): unknown =>
    settings.sources
      .get(normalizeName(name))
      ?.map(({ marker, ...rest }) => ({ ...rest, ...(marker && { marker: marker.text }) }))
  assert.deepEqual(source('some-thing'), [{ kind: 'path', path: '../thing', editable: true }])
  assert.deepEqual(source('repo'), [
    { kind: 'git', url: 'https://git.example.org/r', revision: 'v1', subdirectory: 's' },
  ])
  assert.deepEqual(source('file'), [{ kind: 'url', url: 'https://files.example.org/f-1.0.zip' }])
  assert.deepEqual(source('many'), [
    { kind: 'index', index: 'extra', marker: 'sys_platform == "linux"' },
    { kind: 'git', url: 'https://git.example.org/m', revision: 'main', group: 'dev' },
  ])
})

test("where den's own table or den.toml says something, it decides", () => {
  const { settings, warnings, defaultGroups } = read(
    `${project}
[dependency-groups]
dev = []
docs = []
[tool.den]
minimum-age = "2 days"
default-groups = "all"
sources = { a = { path = "den" } }
resolution = "lowest"
exclude-newer = "1 week"
constrain-dependencies = []
[[tool.den.index]]
name = "one"
url = "https://den.example.org"
default = true
[tool.uv]
resolution = "highest"
prerelease = "allow"
sources = { a = { path = "uv" }, b = { path = "uv" } }
[[tool.uv.index]]
name = "one"
url = "https://uv.example.org"
[[tool.uv.index]]
name = "two"
url = "https://two.example.org"
[[tool.uv.index]]
url = "https://three.example.org"
default = true
`,
    { '/p/den.toml': 'resolution = "lowest-direct"\n', '/p/uv.toml': 'prerelease = "disallow"\n' },
  )
  assert.equal(settings.strategy, 'lowest-direct')
  assert.equal(settings.prereleases, 'never')
  assert.equal(settings.excludeNewer, now - 7 * 24 * 60 * 60 * 1000)
  assert.deepEqual(defaultGroups, ['dev', 'docs'])
  assert.deepEqual(
    [...settings.sources].map(([name, [source]]) => [name, source?.kind === 'path' && source.path]).sort(),
    [
      ['a', 'den'],
      ['b', 'uv'],
    ],
  )
  assert.deepEqual(
    settings.indexes.map(({ name, url }) => [name, url]),
    [
      ['one', 'https://den.example.org'],
      ['two', 'https://two.example.org'],
    ],
  )
  assert.deepEqual(
    warnings.map(({ code, what, fix }) => [code, what, fix[0]]),
    [
      [
        'unknown-project-setting',
        'line 14 of /p/pyproject.toml sets constrain-dependencies, which den does not know',
        'if that is meant, write constraint-dependencies',
      ],
    ],
  )
})

test('what is wrong is shown at its place', () => {
  assert.match(
    refusal('[project]\nname = "a"\nversion = "1"\ndependencies = ["b >> 1"]\n'),
    /invalid-pyproject.*line 4.*\^/s,
  )
  assert.match(
    refusal(`${project}[tool.den]\nenvironments = ["sys_platform = 1"]\n`),
    /invalid-project-settings: line 5 of \/p\/pyproject\.toml.*\^/s,
  )
  assert.match(refusal(`${project}[tool.uv]\nresolution = "low"\n`), /line 5.*one of highest, lowest, lowest-direct/s)
  assert.match(refusal(project, { '/p/den.toml': '\nindex = [{ name = "x" }]\n' }), /line 2 of \/p\/den\.toml.*url = /s)
  assert.match(refusal(`${project}[tool.uv.sources]\na = { workspace = true }\n`), /line 5.*workspaces/s)
  assert.match(
    refusal(`${project}[tool.uv.sources]\na = { git = "x", path = "y" }\n`),
    /one of git, url, path and index/,
  )
  assert.match(refusal(`${project}[tool.uv]\ndefault-groups = ["x"]\n`), /line 5.*there is no group x/s)
  assert.match(refusal(`${project}[tool.uv]\nexclude-newer = "soon"\n`), /line 5.*an age/s)
  assert.match(refusal(`${project}[tool.uv]\nconflicts = [[{ extra = "a" }]]\n`), /two or more/)
  assert.match(refusal(`${project}[[tool.uv.index]]\nurl = "x"\nexplicit = true\n`), /needs a name/)
  assert.match(refusal(`${project}[tool.uv]\npackage = 1\n`), /true or false, this is a number/)
})

test('a project that needs itself, and one for no Python, are told', () => {
  assert.match(refusal(`${project}dependencies = ["b", "my_app>1"]\n`), /project-needs-itself: line 4.*~~\^/s)
  assert.match(
    refusal(`${project}optional-dependencies = { x = ["my-app[y]"], y = ["my-app"] }\n`),
    /project-needs-itself: line 4/,
  )
  assert.ok(read(`${project}optional-dependencies = { x = ["my-app[y]"], y = ["z"] }\n`))
  assert.match(refusal(`${project}requires-python = ">=3.12,<3.10"\n`), /no-python-possible: line 4.*\^/s)
  assert.match(refusal(`${project}requires-python = ">=4"\n`), /no-python-possible/)
  assert.ok(read(`${project}requires-python = ">=3.12,<4"\n`))
})

test('manifestOfScript() reads a script as a project without a name', () => {
  const host = fakeHost({ now: () => now })
  const text = `# /// script
# requires-python = ">=3.11"
# dependencies = ["a"]
# [tool.uv]
# exclude-newer = "2026-01-02T03:04:05Z"
# [tool.uv.sources]
# a = { path = "../a" }
# ///
`
  const manifest = manifestOfScript(host, '/s/x.py', parseScriptMetadata(text, { file: '/s/x.py' }))
  assert.deepEqual(manifest.dependencies.map(formatRequirement), ['a'])
  assert.equal(manifest.settings.excludeNewer, Date.parse('2026-01-02T03:04:05Z'))
  assert.equal(manifest.settings.sources.size, 1)
  assert.equal(manifest.name, undefined)
})

test('the root of a workspace says that its members are not read', () => {
  const { warnings } = read(`${project}[tool.uv.workspace]\nmembers = ["packages/*"]\n`)
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['workspace-not-read'],
  )
  assert.match(warnings[0]!.what, /^line 4 of .*pyproject\.toml makes this the root of a workspace/)
  assert.deepEqual(read(`${project}[tool.uv]\npackage = false\n`).warnings, [])
})
