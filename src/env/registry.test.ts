import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { testContext } from '../../tests/kit/context.ts'
import {
  forgetEnvironment,
  type RegisteredEnvironment,
  registerEnvironment,
  registeredEnvironments,
  registryFile,
  touchEnvironment,
} from './registry.ts'

const environment: RegisteredEnvironment = {
  root: '/projects/one/.venv',
  version: '3.13.0',
  implementation: 'cpython',
  base: '/opt/python/bin/python3.13',
  created: 1_700_000_000_000,
  seeds: ['pip 24.2'],
}

test('registerEnvironment() writes what registeredEnvironments() reads, sorted by root', (t) => {
  const context = testContext(t)
  const { registry } = context.places
  const named = { ...environment, root: '/projects/a', name: 'science' }
  registerEnvironment(context, registry, environment)
  registerEnvironment(context, registry, named)
  registerEnvironment(context, registry, environment)
  const found = registeredEnvironments(context, registry)
  assert.deepEqual(
    found.map(({ lastUsed: _, file: __, ...rest }) => rest),
    [named, environment],
  )
})

test('touchEnvironment() moves the last use and nothing else', (t) => {
  const context = testContext(t, { host: { now: () => 1_800_000_000_000 } })
  const { registry } = context.places
  registerEnvironment(context, registry, environment)
  assert.equal(touchEnvironment(context, registry, environment.root), true)
  assert.equal(registeredEnvironments(context, registry)[0]?.lastUsed, 1_800_000_000_000)
  assert.equal(touchEnvironment(context, registry, '/nowhere'), false)
})

test('forgetEnvironment() takes one out and forgives that it is out', (t) => {
  const context = testContext(t)
  const { registry } = context.places
  registerEnvironment(context, registry, environment)
  forgetEnvironment(context, registry, environment.root)
  forgetEnvironment(context, registry, environment.root)
  assert.deepEqual(registeredEnvironments(context, registry), [])
  assert.deepEqual(context.events, [])
})

test('registeredEnvironments() passes damaged entries over', (t) => {
  const context = testContext(t)
  const { registry } = context.places
  registerEnvironment(context, registry, environment)
  for (const [name, text] of [
    ['a.json', '{"root":'],
    ['b.json', '[]'],
    ['c.json', 'null'],
    ['d.json', '{"root":1}'],
    ['e.txt', 'x'],
  ]) {
    fs.writeFileSync(path.join(registry, name!), text!)
  }
  assert.equal(registeredEnvironments(context, registry).length, 1)
  assert.deepEqual(registeredEnvironments(context, path.join(registry, 'missing')), [])
})

test('registerEnvironment() only warns where the registry cannot be written', (t) => {
  const context = testContext(t)
  fs.writeFileSync(context.places.home, 'a file in the way')
  registerEnvironment(context, context.places.registry, environment)
  assert.deepEqual(
    context.events.map((event) => event.kind),
    ['warning'],
  )
})

test('registryFile() tells paths apart that differ in one letter', (t) => {
  const { host } = testContext(t)
  const files = new Set<string>()
  for (let index = 0; index < 5000; index += 1) files.add(registryFile(host, '/r', `/projects/${index}/.venv`))
  assert.equal(files.size, 5000)
})
