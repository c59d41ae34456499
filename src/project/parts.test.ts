import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { type PartsRequest, partsOf } from './parts.ts'

const known = {
  file: 'pyproject.toml',
  extras: ['Fast_Path', 'tls'],
  groups: ['dev', 'docs', 'Type.Check'],
  defaultGroups: ['dev'],
}

function chosen(request: PartsRequest): string {
  const { project, extras, groups } = partsOf(request, known)
  return `${project ? 'project' : '-'} [${extras}] [${groups}]`
}

test('partsOf() takes the project with its default groups, and what is asked for besides', () => {
  assert.equal(chosen({}), 'project [] [dev]')
  assert.equal(chosen({ extras: ['fast.path'], groups: ['docs'] }), 'project [fast-path] [dev,docs]')
  assert.equal(chosen({ allExtras: true, withoutExtras: ['TLS'] }), 'project [fast-path] [dev]')
  assert.equal(chosen({ allGroups: true, withoutGroups: ['docs'] }), 'project [] [dev,type-check]')
  assert.equal(chosen({ defaultGroups: false }), 'project [] []')
  assert.equal(chosen({ defaultGroups: false, groups: ['dev'] }), 'project [] [dev]')
  assert.equal(chosen({ withoutGroups: ['dev'], groups: ['dev'] }), 'project [] []')
})

test('partsOf() takes a group alone without the project', () => {
  assert.equal(chosen({ onlyGroups: ['type_check'] }), '- [] [type-check]')
  assert.equal(chosen({ onlyGroups: ['docs', 'dev'], withoutGroups: ['dev'] }), '- [] [docs]')
})

test('partsOf() refuses what the project has not, but for dev', () => {
  const none = { file: 'p', extras: [], groups: [], defaultGroups: [] }
  assert.deepEqual(partsOf({ groups: ['dev'], withoutGroups: ['dev'] }, none).groups, [])
  assert.throws(() => partsOf({ groups: ['tests'] }, known), isGroup)
  assert.throws(() => partsOf({ withoutGroups: ['tests'] }, known), isGroup)
  assert.throws(
    () => partsOf({ extras: ['x'] }, known),
    (error) => isDenError(error, 'no-extra'),
  )
})

function isGroup(error: unknown): boolean {
  return isDenError(error, 'no-dependency-group')
}
