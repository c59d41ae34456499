import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { parseTomlDocument } from '../format/toml.ts'
import { resolveDependencyGroup } from '../spec/dependency-groups.ts'
import { normalizeName } from '../spec/name.ts'
import { formatRequirement } from '../spec/requirement.ts'
import { formatSpecifiers } from '../spec/specifier.ts'
import type { Manifest } from './manifest.ts'
import { parsePoetryConstraint, parsePoetryPython } from './poetry-constraint.ts'
import { parseManifest } from './read-manifest.ts'

function read(text: string): Manifest {
  parseTomlDocument(text)
  return parseManifest(text, { file: '/p/pyproject.toml', directory: '/p', now: 0 })
}

test("poetry's constraints in the standard's words", () => {
  const standard = (text: string): string => formatSpecifiers(parsePoetryConstraint(text))
  // https://python-poetry.org/docs/dependency-specification/
  const cases = {
    '^1.2.3': '<2,>=1.2.3',
    '^1.2': '<2,>=1.2',
    '^1': '<2,>=1',
    '^0.2.3': '<0.3,>=0.2.3',
    '^0.0.3': '<0.0.4,>=0.0.3',
    '^0.0': '<0.1,>=0.0',
    '^0': '<1,>=0',
    '~1.2.3': '<1.3,>=1.2.3',
    '~1.2': '<1.3,>=1.2',
    '~1': '<2,>=1',
    '~=1.4': '~=1.4',
    '*': '',
    '1.*': '==1.*',
    '1.2.x': '==1.2.*',
    '1.2.3': '==1.2.3',
    '=1.0': '==1.0',
    '<>1.0': '!=1.0',
    '>= 1.2, < 1.5': '<1.5,>=1.2',
    '>=1.2 <1.5': '<1.5,>=1.2',
    '^1.0 || ^2.0': '<3,>=1.0',
    '1.* || 2.*': '<3,>=1',
  }
  for (const [text, expected] of Object.entries(cases)) assert.equal(standard(text), expected, text)
  for (const text of ['^1 || ^3', '^x', '>=', '1 2 ~~3']) {
    assert.throws(
      () => standard(text),
      (error) => isDenError(error, 'invalid-specifier'),
      text,
    )
  }
  assert.equal(formatSpecifiers(parsePoetryPython('~2.7 || ^3.4')), '!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,<4,>=2.7')
})

test('a project of poetry 1 is read as one of the standard', () => {
  const manifest = read(`[tool.poetry]
name = "My.App"
version = "1.2.0"
[tool.poetry.dependencies]
python = ">=3.10,<4"
plain = "^2.31"
Table = { version = "^20", extras = ["Std"], markers = "os_name == 'posix'", python = "<3.12", platform = "linux" }
web = { version = "*", optional = true }
local = { path = "../lib", develop = true }
repo = { git = "https://git.example.org/x.git", rev = "abc" }
mirror = { version = "1.0", source = "internal" }
many = [{ version = "<=1.9", python = ">=3.6,<3.8" }, { version = "^2.0", python = "3.12.* || ^3.13.1" }]
[tool.poetry.extras]
WEB = ["web"]
[tool.poetry.group.test.dependencies]
pytest = "*"
[tool.poetry.group.docs]
optional = true
include-groups = ["test"]
[tool.poetry.group.docs.dependencies]
sphinx = { path = "docs" }
[tool.poetry.dev-dependencies]
old = "1.*"
[[tool.poetry.source]]
name = "internal"
url = "https://in.example.org/simple"
priority = "explicit"
[[tool.poetry.source]]
name = "main"
url = "https://main.example.org/simple"
[[tool.poetry.source]]
name = "more"
url = "https://more.example.org/simple"
priority = "supplemental"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
`)
  assert.equal(manifest.dialect, 'poetry')
  assert.equal(manifest.name, 'my-app')
  assert.equal(manifest.version?.text, '1.2.0')
  assert.equal(formatSpecifiers(manifest.requiresPython!), '<4,>=3.10')
  assert.equal(manifest.isPackage, true)
  assert.deepEqual(manifest.dependencies.map(formatRequirement), [
    'plain<3,>=2.31',
    'Table[std]<21,>=20; os_name == "posix" and python_version < "3.12" and sys_platform == "linux"',
    'local',
    'repo',
    'mirror==1.0',
    'many<=1.9; python_version >= "3.6" and python_version < "3.8"',
    'many<3,>=2.0; python_version == "3.12" or python_full_version >= "3.13.1" and python_version < "4"',
  ])
  assert.deepEqual(
    [...manifest.extras].map(([name, list]) => [name, list.map(formatRequirement)]),
    [['web', ['web']]],
  )
  assert.deepEqual(manifest.defaultGroups, ['dev', 'test'])
  assert.deepEqual(resolveDependencyGroup(manifest.groups, 'docs').map(formatRequirement), ['pytest', 'sphinx'])
  assert.deepEqual(resolveDependencyGroup(manifest.groups, 'dev').map(formatRequirement), ['old==1.*'])
  const { sources, indexes } = manifest.settings
  assert.deepEqual(sources.get(normalizeName('local')), [{ kind: 'path', path: '../lib', editable: true }])
  assert.deepEqual(sources.get(normalizeName('repo')), [
    { kind: 'git', url: 'https://git.example.org/x.git', revision: 'abc' },
  ])
  assert.deepEqual(sources.get(normalizeName('mirror')), [{ kind: 'index', index: 'internal' }])
  assert.deepEqual(sources.get(normalizeName('sphinx')), [
    { kind: 'path', path: 'docs', editable: false, group: 'docs' },
  ])
  assert.deepEqual(
    indexes.map(({ name, isDefault, isExplicit }) => [name, isDefault, isExplicit]),
    [
      ['main', false, false],
      ['more', true, false],
      ['internal', false, true],
    ],
  )
})

test("in a project of poetry 2, poetry's table says where dependencies come from", () => {
  const manifest = read(`[project]
name = "app"
version = "1"
requires-python = ">=3.10"
dependencies = ["lib>=1", "other"]
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
lib = { path = "../lib", develop = true }
[build-system]
requires = ["poetry-core"]
`)
  assert.equal(manifest.dialect, 'standard')
  assert.deepEqual(manifest.dependencies.map(formatRequirement), ['lib>=1', 'other'])
  assert.deepEqual([...manifest.settings.sources.keys()], ['lib'])
  assert.equal(manifest.isPackage, false)
})

test("what is wrong in poetry's tables is shown at its place", () => {
  const refusal = (body: string): string => {
    try {
      read(`[tool.poetry]\nname = "a"\nversion = "1"\n[tool.poetry.dependencies]\n${body}\n`)
    } catch (error) {
      assert.ok(isDenError(error), String(error))
      return `${error.code}: ${diagnose(error).what}: ${diagnose(error).why}`
    }
    assert.fail(body)
  }
  assert.match(refusal('b = "^x"'), /invalid-project-settings: line 5.*\^/s)
  assert.match(refusal('b = 1'), /line 5.*a string, this is a number/s)
  assert.match(refusal('b = { version = "*", platform = "a b" }'), /line 5.*platform/s)
  assert.match(refusal('python = "<2"'), /no-python-possible: line 5/)
  assert.match(refusal('a = "*"'), /project-needs-itself: line 5/)
})

test('a project of pdm is read with its groups, sources and overrides', () => {
  const { groups, defaultGroups, settings, isPackage } = read(`[project]
name = "app"
version = "1"
[build-system]
requires = ["pdm-backend"]
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
test = ["pytest>=8", "-e file:///\${PROJECT_ROOT}/sub#egg=sub", "-e git+https://git.example.org/x@v1#egg=x"]
[tool.pdm.resolution]
allow-prereleases = true
excludes = ["E_e"]
[tool.pdm.resolution.overrides]
a = "1.2"
b = ">=2"
c = "https://files.example.org/c-1.0.zip"
[[tool.pdm.source]]
name = "pypi"
url = "https://main.example.org/simple"
[[tool.pdm.source]]
name = "links"
type = "find_links"
url = "https://links.example.org"
`)
  assert.deepEqual(resolveDependencyGroup(groups, 'test').map(formatRequirement), ['pytest>=8', 'sub', 'x'])
  assert.deepEqual(defaultGroups, ['test'])
  assert.equal(isPackage, false)
  assert.deepEqual(settings.sources.get(normalizeName('sub')), [
    { kind: 'path', path: 'sub', editable: true, group: 'test' },
  ])
  assert.deepEqual(settings.sources.get(normalizeName('x')), [
    { kind: 'git', url: 'https://git.example.org/x', revision: 'v1', group: 'test' },
  ])
  assert.deepEqual(settings.overrides.map(formatRequirement), [
    'a==1.2',
    'b>=2',
    'c @ https://files.example.org/c-1.0.zip',
  ])
  assert.deepEqual(settings.exclusions, ['e-e'])
  assert.equal(settings.prereleases, 'allow')
  assert.deepEqual(settings.indexes, [
    { name: 'pypi', url: 'https://main.example.org/simple', isDefault: true, isExplicit: false },
  ])
  assert.deepEqual(settings.findLinks, ['https://links.example.org'])
})
