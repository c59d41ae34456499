import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { fakeElf, fakeMachO, fakePe, fakeUniversal } from '../../../tests/kit/binaries.ts'
import { machineOf } from './machine.ts'

test('machineOf() tells the processor of ELF, Mach-O and PE files', () => {
  assert.equal(machineOf(fakeElf({ machine: 'aarch64' })), 'aarch64')
  assert.equal(machineOf(fakeElf({ machine: 'x86_64' })), 'x86_64')
  assert.equal(machineOf(fakeMachO({ machine: 'arm64' })), 'aarch64')
  assert.equal(machineOf(fakeUniversal([{ machine: 'arm64', bytes: fakeMachO({ machine: 'arm64' }) }])), 'universal')
  assert.equal(machineOf(fakePe({ machine: 'AMD64' })), 'x86_64')
})

test('machineOf() tells nothing of what is no compiled file', () => {
  for (const text of ['', 'MZ', '#!/bin/sh\n', 'x'.repeat(100)])
    assert.equal(machineOf(new TextEncoder().encode(text)), undefined)
})

test('machineOf() agrees with this Node about this machine', (t) => {
  if (process.platform !== 'linux') return t.skip('NOT TESTED: no ELF here')
  const head = fs.readFileSync(process.execPath).subarray(0, 1024)
  assert.equal(machineOf(head), { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string])
})
