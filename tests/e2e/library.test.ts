// The package's functions for packages, as a program uses them: the example runs against an index of the test's own, on each runtime.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { bunExecutable } from '../../scripts/toolchain.ts'
import { runProgram } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { scratch } from '../kit/scratch.ts'

const root = path.resolve(import.meta.dirname, '..', '..')
const runtimes = [
  { name: 'Node', file: process.execPath },
  { name: 'Bun', file: bunExecutable() },
] as const

for (const { name, file } of runtimes) {
  const options = file === undefined ? { skip: `NOT TESTED: ${name} is not installed` } : {}
  test(`${name}: examples/install stops, installs with progress, and takes it back`, options, async (t) => {
    const directory = scratch(t, {
      'package.json': '{"type": "module"}',
      'node_modules/.keep': '',
      'install.mjs': fs.readFileSync(path.join(root, 'examples', 'install', 'install.mjs'), 'utf8'),
      tmp: undefined,
    })
    fs.symlinkSync(path.join(root, 'dist', 'npm'), path.join(directory, 'node_modules', 'denpy'))
    const index = await serveIndex(t, [
      servedWheel({ name: 'app', version: '1.0', requires: ['base'] }),
      servedWheel({ name: 'base', version: '2.0' }),
    ])
    const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null', TMPDIR: path.join(directory, 'tmp') }
    const ran = await runProgram(file!, ['install.mjs', 'app'], { cwd: directory, env })
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    assert.equal(
      ran.stdout
        .split('\n')
        .map((line) => line.replace(/^( {2}.*), \d+ files$/, '$1'))
        .sort()
        .join('\n'),
      [
        '',
        '  app 1.0',
        '  base 2.0',
        '2 packages to come',
        ran.stdout.split('\n').find((line) => line.startsWith('change 1: '))!,
        'fetched something',
        'stopped: nothing is installed',
        'undid change 1: nothing is installed',
      ].join('\n'),
    )
    assert.match(ran.stdout, /^change 1: .*app 1\.0/m)
    assert.deepEqual(fs.readdirSync(path.join(directory, 'tmp')), [])
  })
}
