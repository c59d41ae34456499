// The half of `den try` that takes its packages from an index: one of the test's own, and one that does not answer.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { servedWheel, serveIndex } from '../kit/index-server.ts'
import { pythonOr } from '../kit/pythons.ts'
import { scratch } from '../kit/scratch.ts'

const packaging = (version: string, parse: string): Parameters<typeof servedWheel>[0] => ({
  name: 'packaging',
  version,
  files: { 'packaging/__init__.py': `__version__ = '${version}'\n`, 'packaging/version.py': parse },
  ...(version === '21.3' ? { requires: ['pyparsing'] } : {}),
})

interface Tried {
  readonly directory: string
  readonly index?: readonly { readonly did: string; readonly output?: string }[]
  readonly withoutIndex?: string
}

test('try puts two versions of a project into two environments, and shows what den pip and the program said', async (t) => {
  const python = pythonOr(t, '3.12')
  if (python === undefined) return
  const index = await serveIndex(t, [
    servedWheel(packaging('21.3', 'def parse(text): return [text]\n')),
    servedWheel(packaging('22.0', "def parse(text): raise ValueError('not ' + text)\n")),
    servedWheel({ name: 'pyparsing', version: '3.0', files: { 'pyparsing.py': '' } }),
  ])
  const cwd = scratch(t, { 'bin/.keep': '' })
  fs.symlinkSync(fs.realpathSync(python.executable), path.join(cwd, 'bin', 'python3'))
  const env = { PATH: `${path.join(cwd, 'bin')}:/usr/bin:/bin`, PYENV_ROOT: undefined, PIP_INDEX_URL: index.url }
  const run = await den(['try', '--json'], { cwd, env: { ...env, PIP_CONFIG_FILE: '/dev/null' } })
  assert.equal(run.code, 0, run.stderr)
  const { index: steps = [], withoutIndex } = run.json<Tried>()
  assert.equal(withoutIndex, undefined)
  assert.match(steps[0]?.output ?? '', /^Successfully installed packaging-21\.3 pyparsing-3\.0$/m)
  assert.match(steps[1]?.output ?? '', /^Successfully installed packaging-22\.0$/m)
  assert.equal(
    steps[2]?.output,
    "packaging 21.3 reads 2024-spring: ['2024-spring']\npackaging 22.0 refuses it: not 2024-spring\n",
  )
})

test('try says so where no index is to be had, and shows the rest', async (t) => {
  const cwd = scratch(t)
  const env = { PATH: '/usr/bin:/bin', PIP_INDEX_URL: 'http://127.0.0.1:9/simple/', PIP_CONFIG_FILE: '/dev/null' }
  const run = await den(['try'], { cwd, env })
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stdout, /What the program printed\n {3}│ /)
  assert.match(
    run.stdout,
    /left out, since the index could not be had: .+\n {3}What you saw used the wheels that come along/,
  )
})
