import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { normalizeName } from '../spec/name.ts'
import { parseRequirement } from '../spec/requirement.ts'
import {
  type AddRequirements,
  addIndexes,
  addRequirements,
  type EditedManifest,
  type RequirementPlace,
  removeRequirements,
  setRequirement,
} from './edit-manifest.ts'

const here: RequirementPlace = { kind: 'project' }
const dev: RequirementPlace = { kind: 'group', group: 'dev' }
const web: RequirementPlace = { kind: 'extra', extra: 'web' }

function add(text: string, place: RequirementPlace, ...requirements: readonly string[]): EditedManifest {
  return addRequirements(text, { place, requirements: requirements.map(parseRequirement) })
}

function remove(text: string, place: RequirementPlace, ...names: readonly string[]): EditedManifest {
  return removeRequirements(text, { place, names: names.map(normalizeName) })
}

const project = '[project]\nname = "app"\nversion = "1"\n'

test('a requirement goes into the order that a list has, or to its end', () => {
  const sorted = `${project}dependencies = [\n    "b>=1",\n    # of d\n    "D",  # why\n]\n`
  assert.equal(
    add(sorted, here, 'c<2').text,
    `${project}dependencies = [\n    "b>=1",\n    "c<2",\n    # of d\n    "D",  # why\n]\n`,
  )
  assert.equal(add(sorted, here, 'e').text, sorted.replace('# why\n', '# why\n    "e",\n'))
  assert.equal(
    add(`${project}dependencies = ["d", "b"]\n`, here, 'c').text,
    `${project}dependencies = ["d", "b", "c"]\n`,
  )
  assert.deepEqual(add(sorted, here, 'c<2').changes, [{ kind: 'added', name: 'c', place: here, after: 'c<2' }])
})

test('lists and tables that are not there are made', () => {
  assert.equal(add(project, here, 'a').text, `${project}dependencies = [\n    "a",\n]\n`)
  assert.equal(
    add(`${project}\n[tool.x]\ny = 1\n`, dev, 't', 'a').text,
    `${project}\n[dependency-groups]\ndev = [\n    "a",\n    "t",\n]\n\n[tool.x]\ny = 1\n`,
  )
  assert.equal(
    add(project, web, "w; sys_platform == 'linux'").text,
    `${project}\n[project.optional-dependencies]\nweb = [\n    "w; sys_platform == 'linux'",\n]\n`,
  )
  assert.equal(add('', { kind: 'script' }, 'a').text, 'dependencies = [\n    "a",\n]\n')
})

test('a requirement of the same name and marker is replaced in its place, its comment kept', () => {
  const text = `${project}dependencies = [\n    "My_App[x]>=1",  # why\n    "b; python_version < '3.9'",\n    "b",\n]\n`
  const changed = add(text, here, 'my-app>=2')
  assert.equal(changed.text, text.replace('My_App[x]>=1', 'My_App[x]>=2'))
  assert.deepEqual(changed.changes, [
    { kind: 'changed', name: 'my-app', place: here, before: 'My_App[x]>=1', after: 'My_App[x]>=2' },
  ])
  assert.equal(add(text, here, 'my-app[y]').text, text.replace('[x]>=1', '[x,y]>=1'))
  assert.equal(add(text, here, "b>1; python_version < '3.9'").text, text.replace('"b; p', '"b>1; p'))
  assert.deepEqual(add(text, here, 'my-app'), { text, changes: [] })
})

test('of several of one name and marker that are added at once, each counts', () => {
  const text = `${project}dependencies = ["b[y]"]\n`
  const [once] = add(text, here, 'a>=1', 'b<3', "a==1.*; os_name == 'x'", 'a[x]<2', 'a>=1').changes
  assert.deepEqual(once, { kind: 'added', name: 'a', place: here, after: 'a[x]>=1,<2' })
  assert.equal(
    add(text, here, 'a>=1', 'b<3', "a==1.*; os_name == 'x'", 'a[x]<2').text,
    text.replace('"b[y]"', `"a[x]>=1,<2", "a==1.*; os_name == 'x'", "b[y]<3"`),
  )
  assert.throws(
    () => add(text, here, 'a @ https://example.org/a-1.tar.gz', 'a @ https://example.org/a-2.tar.gz'),
    (error) => isDenError(error, 'invalid-link'),
  )
})

test('a place is found under the name that it is written with, older tables too', () => {
  const text = `${project}[dependency-groups]\nDev = [{ include-group = "x" }]\nx = []\n`
  assert.equal(add(text, dev, 'a').text, text.replace('"x" }]', '"x" }, "a"]'))
  const uv = `${project}[tool.uv]\ndev-dependencies = ["a"]\n`
  assert.equal(add(uv, dev, 'b').text, uv.replace('["a"]', '["a", "b"]'))
  assert.equal(remove(uv, dev, 'a').text, uv.replace('["a"]', '[]'))
  const pdm = `${project}[tool.pdm.dev-dependencies]\ntest = ["a"]\n`
  assert.equal(remove(pdm, { kind: 'group', group: 'test' }, 'a').text, pdm.replace('["a"]', '[]'))
})

test('a source goes beside those that there are', () => {
  const wish = (text: string): string => {
    const sources: AddRequirements['sources'] = new Map([
      [normalizeName('a'), { kind: 'git', url: 'https://git.example.org/a', revision: 'v1' }],
    ])
    return addRequirements(text, { place: here, requirements: [parseRequirement('a')], sources }).text
  }
  const line = 'a = { git = "https://git.example.org/a", rev = "v1" }\n'
  assert.equal(wish(project), `${project}dependencies = [\n    "a",\n]\n\n[tool.den.sources]\n${line}`)
  const uv = `${project}dependencies = ["a"]\n[tool.uv.sources]\nb = { path = "../b" }\n`
  assert.equal(wish(uv), uv + line)
  assert.equal(
    wish(uv.replace('b =', 'A =')),
    `${project}dependencies = ["a"]\n[tool.uv.sources]\n${line.replace('a', 'A')}`,
  )
})

test('a requirement is taken out, and its source once nothing asks for it', () => {
  const text = `${project}dependencies = ["a", "a; sys_platform == 'x'", "b"]
[dependency-groups]
dev = ["a"]
[tool.uv.sources]
a = { path = "../a" }
b = { path = "../b" }
`
  const once = remove(text, here, 'a')
  assert.equal(once.text, text.replace(`"a", "a; sys_platform == 'x'", "b"`, '"b"'))
  assert.deepEqual(
    once.changes.map(({ before }) => before),
    ['a', "a; sys_platform == 'x'"],
  )
  const twice = remove(once.text, dev, 'A')
  assert.equal(twice.text, once.text.replace('["a"]', '[]').replace('a = { path = "../a" }\n', ''))
  assert.doesNotMatch(remove(twice.text, here, 'b').text, /sources/)
})

test('what is not required is told, with where it is', () => {
  const text = `${project}dependencies = []\noptional-dependencies = { web = ["a"] }\n[dependency-groups]\ndev = ["a"]\n`
  assert.throws(
    () => remove(text, here, 'a'),
    (error) => {
      assert.ok(isDenError(error, 'not-required'))
      const { what, why, fix } = diagnose(error)
      assert.equal(what, 'the project does not require a in pyproject.toml')
      assert.equal(why, 'a is required by the extra web and by the group dev')
      assert.deepEqual(fix, [
        'remove it from there: den remove --optional web a',
        'remove it from there: den remove --group dev a',
      ])
      return true
    },
  )
})

test('setRequirement() changes the bounds of the one that is meant', () => {
  const text = `${project}dependencies = ["a>=1; python_version < '3.9'", "a>=2"]\n`
  const set = (before: string, after: string): EditedManifest =>
    setRequirement(text, { place: here, before: parseRequirement(before), after: parseRequirement(after) })
  assert.equal(set('a>=2', 'a>=3').text, text.replace('a>=2', 'a>=3'))
  assert.deepEqual(set('a>=4', 'a>=5'), { text, changes: [] })
})

test('what the backend tells is not added to', () => {
  assert.throws(
    () => add('[project]\nname = "a"\nversion = "1"\ndynamic = ["dependencies"]\n', here, 'b'),
    (error) => isDenError(error, 'no-place-for-requirement'),
  )
})

test("poetry's tables are changed in poetry's words", () => {
  const text = `[tool.poetry]
name = "app"
version = "1"

[tool.poetry.dependencies]
python = "^3.10"
a = "^1.0"  # why

[tool.poetry.group.dev.dependencies]
t = "*"
`
  assert.equal(add(text, here, 'b>=1,<2').text, text.replace('# why\n', '# why\nb = ">=1,<2"\n'))
  assert.equal(add(text, here, 'a>=2').text, text.replace('"^1.0"', '">=2"'))
  assert.equal(
    add(text, here, "b[x]>1; sys_platform == 'linux'").text,
    text.replace('# why\n', `# why\nb = { version = ">1", extras = ["x"], markers = "sys_platform == 'linux'" }\n`),
  )
  assert.equal(add(text, dev, 'u').text, `${text}u = "*"\n`)
  assert.match(
    add(text, { kind: 'group', group: 'docs' }, 's').text,
    /\n\n\[tool\.poetry\.group\.docs\.dependencies\]\ns = "\*"\n/,
  )
  const extra = add(text, web, 'w')
  assert.match(extra.text, /w = \{ version = "\*", optional = true \}\n/)
  assert.match(extra.text, /\[tool\.poetry\.extras\]\nweb = \[\n {4}"w",\n\]\n/)
  assert.equal(remove(text, here, 'a').text, text.replace('a = "^1.0"  # why', '# why'))
  assert.doesNotMatch(remove(extra.text, web, 'w').text, /\bw\b/)
})

test('a file with groups alone gets requirements in groups alone', () => {
  const text = '# ours\n[dependency-groups]\ndev = []\n'
  for (const place of [here, web])
    assert.throws(
      () => add(text, place, 'a'),
      (error) =>
        isDenError(error, 'no-place-for-requirement') &&
        error.detail.line === 2 &&
        /no \[project\].*--dev/.test(diagnose(error).why ?? ''),
    )
  assert.match(add(text, dev, 'a').text, /dev = \[\s*"a",?\s*\]/)
})

test("a group that a project of poetry 2 has in poetry's tables is changed there", () => {
  const text = `${project}dependencies = ["a"]\n\n[tool.poetry.group.dev.dependencies]\nt = { version = "^1.0", source = "corp" }\n`
  assert.equal(add(text, dev, 't>=1.5,<2').text, text.replace('^1.0', '^1.5'))
  assert.equal(add(text, dev, 'u').text, `${text}u = "*"\n`)
  assert.doesNotMatch(remove(text, dev, 't').text, /\bt =/)
  const [before, after] = ['t>=1.0,<2', 't>=2'].map(parseRequirement)
  assert.equal(setRequirement(text, { place: dev, before: before!, after: after! }).text, text.replace('^1.0', '>=2'))
  assert.throws(
    () => remove(text, here, 't'),
    (error) => isDenError(error, 'not-required') && error.detail.elsewhere.join() === 'the group dev',
  )
  const sources: AddRequirements['sources'] = new Map([[normalizeName('u'), { kind: 'path', path: '../u' }]])
  const sourced = addRequirements(text, { place: dev, requirements: [parseRequirement('u')], sources }).text
  assert.equal(sourced, `${text}u = { path = "../u" }\n`)
  // The standard's list, where there is one, gets what is new; what stands in poetry's stays there.
  const both = `${text}\n[dependency-groups]\ndev = ["s"]\n`
  assert.equal(add(both, dev, 'u', 't<2').text, both.replace('["s"]', '["s", "u"]').replace('^1.0', '<2'))
  assert.match(add(text, { kind: 'group', group: 'docs' }, 'u').text, /\[dependency-groups\]\ndocs = \[\n {4}"u",\n\]/)
  const old = `${project}\n[tool.poetry.dev-dependencies]\nt = "*"\n`
  assert.equal(add(old, dev, 't>1').text, old.replace('"*"', '">1"'))
})

test("what a project of poetry 2 says in poetry's table of where a requirement comes from goes with it", () => {
  const lists = `${project}dependencies = ["a", "B_c>=1"]\n\n[project.optional-dependencies]\nweb = ["a"]\n`
  const table = (lines: string): string => `${lists}\n[tool.poetry.dependencies]\n${lines}`
  const python = 'python = ">=3.9"\n'
  const text = table(`${python}a = { source = "corp" }  # ours\nb-c = { path = "../bc", develop = true }\n`)
  const without = remove(text, here, 'b-c').text
  assert.match(without, /python = ">=3\.9"\na = \{ source = "corp" \} {2}# ours\n$/)
  // The extra still wants it from there.
  const kept = remove(without, here, 'a').text
  assert.match(kept, /\na = \{ source = "corp" \}/)
  assert.doesNotMatch(remove(kept, web, 'a').text, /\ba =|corp/)
  // Several forms, a table of its own, and a table with nothing else in it.
  const several = table('b-c = [\n  { source = "one", python = "<3.12" },\n  { source = "two" },\n]\n')
  assert.equal(remove(several, here, 'b-c').text, remove(`${lists}`, here, 'b-c').text)
  const headed = `${lists}\n[tool.poetry.dependencies.b-c]\nsource = "corp"\n\n[tool.black]\nline-length = 99\n`
  const bare = remove(headed, here, 'b-c').text
  assert.doesNotMatch(bare, /poetry/)
  assert.match(bare, /\n\[tool\.black\]\nline-length = 99\n$/)
  // Of poetry 1 it is what is asked for: an optional one that no extra names stays.
  const old =
    '[tool.poetry.dependencies]\nt = { version = "1", optional = true }\n[tool.poetry.group.dev.dependencies]\nt = "1"\n'
  assert.match(remove(old, dev, 't').text, /optional = true/)
})

test("poetry's words that nobody asked to change stay", () => {
  const poetry = (lines: string): string => `[tool.poetry]\nname = "app"\n\n[tool.poetry.dependencies]\n${lines}\n`
  const added = (lines: string, place: RequirementPlace, requirement: string): string =>
    add(poetry(lines), place, requirement)
      .text.slice(poetry('').length - 1)
      .trimEnd()
  const table = 'a = { version = "^1.0", source = "corp", allow-prereleases = false }  # why'
  assert.equal(added(table, here, 'a>=1.5,<2'), table.replace('^1.0', '^1.5'))
  assert.equal(added(table, here, 'a>=2'), table.replace('^1.0', '>=2'))
  assert.equal(added(table, here, 'a[x]'), table.replace(' }', ', extras = ["x"] }'))
  assert.equal(added(table, here, 'a>=1,<2'), table)
  assert.equal(added('a = "~1.4"', here, 'a>=1.4,<1.5'), 'a = "~1.4"')
  const under = 'a.version = "^1"\na.python = ">=3.10"'
  assert.equal(added(under, here, 'a>=2; python_version >= "3.10"'), under.replace('^1', '>=2'))
  const headed = `${poetry('')}[tool.poetry.dependencies.a]\nversion = "^1"  # why\nsource = "corp"\n`
  assert.equal(add(headed, here, 'a>=1.5,<2').text, headed.replace('^1', '^1.5'))
  // Another marker is another constraint.
  assert.equal(
    added('a = "^1"', here, "a>=2; sys_platform == 'x'"),
    `a = [{ version = "^1" }, { version = ">=2", markers = "sys_platform == 'x'" }]`,
  )
  assert.equal(added('A = []', here, 'a>=2'), 'A = ">=2"')
  assert.equal(added('a = ["^1"]', here, 'a>=1.5,<2'), 'a = ["^1.5"]')
  const several = 'a = [{ version = "^1", python = "<3.10" }, { version = "^2", python = ">=3.10", source = "corp" }]'
  assert.equal(added(several, here, 'a>=2.5,<3; python_version >= "3.10"'), several.replace('^2', '^2.5'))
  assert.equal(added(several, here, 'a'), several.replace('" }]', '" }, { version = "*" }]'))
  assert.doesNotMatch(remove(poetry(several), here, 'a').text, /\ba =/)
  const before = parseRequirement('a>=2,<3; python_version >= "3.10"')
  assert.equal(
    setRequirement(poetry(several), { place: here, before, after: parseRequirement('a>=3; python_version >= "3.10"') })
      .text,
    poetry(several.replace('^2', '>=3')),
  )
})

test("a bound that is taken away leaves poetry's word for any version", () => {
  const text =
    '[tool.poetry.dependencies]\na = "<3"\nb = { version = "<2", optional = true }\n[tool.poetry.extras]\nweb = ["b"]\n'
  const open = (place: RequirementPlace, before: string, name: string): string =>
    setRequirement(text, { place, before: parseRequirement(before), after: parseRequirement(name) }).text
  assert.equal(open(here, 'a<3', 'a'), text.replace('"<3"', '"*"'))
  assert.equal(open(web, 'b<2', 'b'), text.replace('"<2"', '"*"'))
  // What is added without a version asks for what stands there.
  assert.equal(add(text, here, 'a').text, text)
})

test("poetry's optional dependencies: an extra has them to itself, or the project needs them", () => {
  const text = `[tool.poetry.dependencies]\na = "^1.0"\nb = { version = "^1.0", optional = true, source = "corp" }\n
[tool.poetry.extras]\nnet = ["a", "b"]\n`
  assert.throws(
    () => add(text, web, 'a'),
    (error) => isDenError(error, 'no-place-for-requirement') && /the project itself needs a/.test(error.detail.reason),
  )
  assert.equal(add(text, web, 'b').text, `${text}web = ["b"]\n`.replace('web = ["b"]', 'web = [\n    "b",\n]'))
  assert.equal(add(text, here, 'b').text, text.replace(' optional = true,', ''))
  assert.equal(remove(text, { kind: 'extra', extra: 'net' }, 'a').text, text.replace('"a", ', ''))
})

test("what comes from an address keeps it in poetry's words, and another place takes its place", () => {
  const text =
    '[tool.poetry.dependencies]\na = { git = "https://git.example.org/a", tag = "v1", markers = "os_name == \'x\'" }\n'
  const wished = "a; os_name == 'x'"
  assert.throws(
    () => add(text, here, "a>=2; os_name == 'x'"),
    (error) => isDenError(error, 'no-place-for-requirement'),
  )
  assert.deepEqual(add(text, here, wished), { text, changes: [] })
  const sources: AddRequirements['sources'] = new Map([[normalizeName('a'), { kind: 'index', index: 'corp' }]])
  assert.equal(
    addRequirements(text, { place: here, requirements: [parseRequirement(wished)], sources }).text,
    '[tool.poetry.dependencies]\na = { markers = "os_name == \'x\'", source = "corp", version = "*" }\n',
  )
})

test('indexes go before those that are there, into the table that the project has them in', () => {
  const plain = { isDefault: false, isExplicit: false }
  const two = [
    { ...plain, name: 'a', url: 'https://a.example.org/' },
    { ...plain, url: 'https://b.example.org/', isDefault: true },
  ]
  const added =
    '[[tool.uv.index]]\nname = "a"\nurl = "https://a.example.org/"\n\n[[tool.uv.index]]\nurl = "https://b.example.org/"\ndefault = true\n'
  const uv = '[tool.uv]\n\n# ours\n[[tool.uv.index]]\nurl = "c"\n'
  assert.equal(addIndexes(uv, two), `[tool.uv]\n\n${added}\n# ours\n[[tool.uv.index]]\nurl = "c"\n`)
  assert.equal(addIndexes('', two), added.replaceAll('tool.uv', 'tool.den'))
  const sources = '[tool.uv.sources]\nx = { path = "x" }\n'
  assert.equal(addIndexes(sources, two), `${sources}\n${added}`)
  assert.match(addIndexes(`${sources}[tool.den.sources]\n`, two), /tool\.den\.index/)
  assert.equal(addIndexes(uv, []), uv)
})
