import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { interpreter } from '../../../tests/kit/interpreters.ts'
import { effectiveFlags, type PythonOptions } from './flags.ts'
import { openWorld } from './world.ts'

const flags = (release: string, env: Record<string, string>, options: PythonOptions = {}) =>
  effectiveFlags(openWorld(fakeHost({ env })), interpreter(release), options)

test('effectiveFlags() takes PYTHONNOUSERSITE=0 for set up to 3.6 and for off since', () => {
  assert.equal(flags('3.6.15', { PYTHONNOUSERSITE: '0' }).noUserSite, true)
  assert.equal(flags('3.7.16', { PYTHONNOUSERSITE: '0' }).noUserSite, false)
  assert.equal(flags('3.13.0', { PYTHONNOUSERSITE: 'no' }).noUserSite, true)
})

test('effectiveFlags() knows -P and PYTHONSAFEPATH from 3.11 on', () => {
  assert.equal(flags('3.10.13', { PYTHONSAFEPATH: '1' }).safePath, false)
  assert.equal(flags('3.11.7', { PYTHONSAFEPATH: '1' }).safePath, true)
  assert.equal(flags('3.11.7', { PYTHONSAFEPATH: '1' }, { ignoreEnvironment: true }).safePath, false)
})

test('effectiveFlags() makes -E, -s and -P of -I, and nothing of it in 2.7', () => {
  const isolated = flags('3.12.1', {}, { isolated: true })
  assert.deepEqual([isolated.ignoreEnvironment, isolated.noUserSite, isolated.safePath], [true, true, true])
  assert.equal(flags('3.10.13', {}, { isolated: true }).safePath, false)
  assert.equal(flags('2.7.18', {}, { isolated: true }).ignoreEnvironment, false)
})
