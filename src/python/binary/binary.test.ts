import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeElf, fakeMachO, fakePe, fakeUniversal } from '../../../tests/kit/binaries.ts'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { readConstants, readProgram } from './binary.ts'

function program(content: string | Uint8Array, arch = 'x64') {
  return readProgram(fakeHost({ files: { '/p': content } }).files, '/p', arch)
}

test('readProgram() reads machine, loader, libraries and search path of an ELF file', () => {
  const elf = fakeElf({
    machine: 'aarch64',
    needed: ['libpython3.12.so.1.0', 'libc.so.6'],
    runpath: '/a/lib:$ORIGIN/../lib',
  })
  assert.deepEqual(program(elf), {
    kind: 'binary',
    binary: {
      format: 'elf',
      bits: 64,
      machine: 'aarch64',
      needed: ['libpython3.12.so.1.0', 'libc.so.6'],
      runpath: ['/a/lib', '$ORIGIN/../lib'],
      interpreter: '/lib64/ld-linux-x86-64.so.2',
    },
  })
})

test('readProgram() reads a 32-bit ELF file', () => {
  const found = program(fakeElf({ machine: 'i686', needed: ['libc.so.6'], interpreter: '/lib/ld-linux.so.2' }))
  assert.ok(found?.kind === 'binary')
  assert.deepEqual(
    [found.binary.bits, found.binary.machine, found.binary.needed, found.binary.interpreter],
    [32, 'i686', ['libc.so.6'], '/lib/ld-linux.so.2'],
  )
})

test('readProgram() takes the slice of a universal Mach-O file that is for this machine', () => {
  const universal = fakeUniversal([
    { machine: 'x86_64', bytes: fakeMachO({ machine: 'x86_64', needed: ['/intel'] }) },
    {
      machine: 'arm64',
      bytes: fakeMachO({ machine: 'arm64', needed: ['@rpath/Python'], runpath: '@loader_path/../lib' }),
    },
  ])
  const arm = program(universal, 'arm64')
  assert.ok(arm?.kind === 'binary')
  assert.deepEqual(
    [arm.binary.machine, arm.binary.needed, arm.binary.runpath],
    ['arm64', ['@rpath/Python'], ['@loader_path/../lib']],
  )
  const intel = program(universal, 'x64')
  assert.ok(intel?.kind === 'binary')
  assert.deepEqual([intel.binary.machine, intel.binary.needed], ['x86_64', ['/intel']])
})

test('readProgram() reads imports and version resource of a PE file', () => {
  const found = program(
    fakePe({ machine: 'ARM64', needed: ['python312.dll', 'KERNEL32.dll'], fileVersion: [3, 12, 1150, 1013] }),
  )
  assert.ok(found?.kind === 'binary')
  assert.deepEqual(
    [found.binary.machine, found.binary.bits, found.binary.needed, found.binary.fileVersion],
    ['ARM64', 64, ['python312.dll', 'KERNEL32.dll'], [3, 12, 1150, 1013]],
  )
})

test('readProgram() tells scripts, empty files and foreign bytes apart', () => {
  assert.equal(program('#!/bin/sh\n')?.kind, 'script')
  assert.equal(program('')?.kind, 'empty')
  assert.equal(program('garbage')?.kind, 'unknown')
  assert.equal(readProgram(fakeHost().files, '/none', 'x64'), undefined)
})

test('readProgram() survives files cut short anywhere', () => {
  for (const whole of [
    fakeElf({ runpath: '/lib', constants: ['3.12.1'] }),
    fakeMachO({ runpath: '/lib' }),
    fakeUniversal([{ machine: 'arm64', bytes: fakeMachO() }]),
    fakePe({ needed: ['python312.dll'], fileVersion: [3, 12, 1150, 0] }),
  ]) {
    for (let length = 1; length < whole.length; length += 7) {
      const found = program(whole.slice(0, length))
      assert.ok(found !== undefined && ['binary', 'unknown'].includes(found.kind), `${length}`)
    }
  }
})

test('readProgram() survives a section table of nonsense', () => {
  const elf = fakeElf({ constants: ['3.12.1'] })
  for (let at = 16; at < 64; at += 1) {
    const broken = elf.slice()
    broken[at] = 0xff
    const { files } = fakeHost({ files: { '/p': broken } })
    assert.doesNotThrow(() => readProgram(files, '/p', 'x64'), `byte ${at}`)
    assert.doesNotThrow(() => readConstants(files, '/p', 'x64'), `byte ${at}`)
  }
})

test('readConstants() gives the strings of ELF and Mach-O files', () => {
  for (const bytes of [fakeElf({ constants: ['one', '3.11.2'] }), fakeMachO({ constants: ['one', '3.11.2'] })]) {
    const { files } = fakeHost({ files: { '/p': bytes } })
    const constants = readConstants(files, '/p', 'arm64')
    assert.ok(constants !== undefined)
    assert.equal(new TextDecoder().decode(constants), '\0one\x003.11.2\0')
  }
})
