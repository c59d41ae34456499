import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diagnose, isDenError } from '../base/error.ts'
import { type ProjectTable, parsePyproject, readProjectTable } from './pyproject.ts'
import { formatRequirement } from './requirement.ts'

const project = (text: string): ProjectTable | undefined => readProjectTable(parsePyproject(text).document)

function refusal(text: string): string {
  try {
    project(text)
  } catch (error) {
    assert.ok(isDenError(error, 'invalid-pyproject'), String(error))
    return `${diagnose(error).what}: ${diagnose(error).why}`
  }
  assert.fail(`it was accepted: ${text}`)
}

test('parsePyproject() reads how a project is built, and leaves the rest as it is', () => {
  const { buildSystem, tool } = parsePyproject(`[build-system]
requires = ["hatchling >= 1", "x; python_version < '3.9'"]
build-backend = "hatchling.build"
backend-path = [".", "back"]
[tool.hatch]
y = 1
`)
  assert.deepEqual(buildSystem, {
    requires: ['hatchling >= 1', "x; python_version < '3.9'"],
    backend: 'hatchling.build',
    backendPath: ['.', 'back'],
  })
  assert.deepEqual(Object.keys(tool), ['hatch'])
  assert.equal(parsePyproject('[tool.x]\n').buildSystem, undefined)
  assert.deepEqual(parsePyproject('[build-system]\nrequires = []\n').buildSystem, { requires: [] })
})

test('parsePyproject() does not mind a [project] that only its backend understands', () => {
  assert.ok(parsePyproject('[project]\nname = 1\n'))
})

test('a [build-system] that does not follow the standard is refused at its place', () => {
  const system = (body: string): string => refusal(`[build-system]\n${body}\n`)
  assert.match(system(''), /must say what the build requires/)
  assert.match(system('requires = "x"'), /line 2 .*list of strings/s)
  assert.match(system('requires = ["x >> 1"]'), /\^/)
  assert.match(system('requires = []\nbuild-backend = "os; evil"'), /line 3 .*named like/s)
  assert.match(system('requires = []\nbackend-path = ["."]'), /needs a backend/)
  assert.match(refusal('build-system = 1'), /belongs a table/)
})

test('readProjectTable() reads what an installer can use without the backend', () => {
  const read = project(`[project]
name = "My.Project"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["a>1"]
dynamic = ["readme"]
[project.optional-dependencies]
Fast_Mode = ["b"]
`)!
  assert.equal(read.name, 'my-project')
  assert.equal(read.rawName, 'My.Project')
  assert.equal(read.version!.text, '1.0')
  assert.deepEqual(read.dependencies!.map(formatRequirement), ['a>1'])
  assert.deepEqual([...read.optionalDependencies!.keys()], ['fast-mode'])
  assert.equal(project('[tool.x]\n'), undefined)
})

test('readProjectTable() tells an empty list from one that only the backend knows', () => {
  const empty = project('[project]\nname = "a"\nversion = "1"\n')!
  assert.deepEqual(empty.dependencies, [])
  assert.equal(empty.optionalDependencies!.size, 0)
  const dynamic = project('[project]\nname = "a"\ndynamic = ["version", "dependencies", "optional-dependencies"]\n')!
  assert.equal(dynamic.version, undefined)
  assert.equal(dynamic.dependencies, undefined)
  assert.equal(dynamic.optionalDependencies, undefined)
  const partly = project('[project]\nname = "a"\nversion = "1"\ndependencies = ["x"]\ndynamic = ["dependencies"]\n')!
  assert.ok(partly.dynamic.has('dependencies') && partly.dependencies!.length === 1)
})

test('a [project] that does not follow the standard is refused at its place', () => {
  const table = (body: string): string => refusal(`[project]\nname = "a"\n${body}\n`)
  assert.match(refusal('[project]\nversion = "1"\n'), /name is missing/)
  assert.match(refusal('[project]\nname = "-"\nversion = "1"\n'), /no name of a project/)
  assert.match(table(''), /version is missing/)
  assert.match(table('version = "1"\ndynamic = ["name"]'), /never dynamic/)
  assert.match(table('version = "1"\ndynamic = ["version"]'), /version is dynamic/)
  assert.match(table('version = "x.y"'), /line 3/)
  assert.match(table('version = "1"\nrequires-python = "3"'), /line 4/)
  assert.match(table('version = "1"\ndependencies = {a = "1"}'), /list of strings/)
  assert.match(table('version = "1"\n[project.optional-dependencies]\na_b = []\nA-B = []'), /second time/)
})
