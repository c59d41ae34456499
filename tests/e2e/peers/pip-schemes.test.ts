// Where packages go: into an installation, the user's directories, a prefix, another root, for the Pythons of this machine, as pip's own
// installer answers under each of them.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { aimAt } from '../../../src/commands/pip-environment.ts'
import { type InstallPlace, pathsUnder, schemePaths } from '../../../src/env/schemes.ts'
import { testContext } from '../../kit/context.ts'
import { peerPackages, peerProgram, skipWithout } from '../../kit/oracle.ts'
import { pythons } from '../../kit/pythons.ts'

type Answers = Readonly<Record<string, Readonly<Record<string, string>>>>

const skip = skipWithout(['pip'], 'agreement with pip about where packages go')

test('schemePaths() answers as pip does under every Python here', { skip }, async (t) => {
  const context = testContext(t)
  const candidates = [
    ...pythons()
      // What pip itself needs.
      .filter(({ version }) => /^3\.1\d/.test(version))
      .map(({ executable }) => executable),
    peerProgram('python'),
    '/usr/bin/python3',
  ].filter((executable) => fs.existsSync(executable))
  let compared = 0
  for (const python of new Set(candidates)) {
    const aimed = await aimAt(context, { python, requireVirtual: false, isolated: false })
    const oracle = path.join(import.meta.dirname, 'pip_schemes_oracle.py')
    const done = spawnSync(aimed.executable, [oracle, peerPackages('pip')!], {
      encoding: 'utf8',
      env: { ...context.host.env },
    })
    if (done.status !== 0) continue
    const theirs = JSON.parse(done.stdout) as Answers
    const places: Readonly<Record<string, InstallPlace>> = {
      environment: { kind: 'environment' },
      user: { kind: 'user' },
      target: { kind: 'target', directory: '/x/t' },
      prefix: { kind: 'prefix', directory: '/x/p' },
      root: { kind: 'environment' },
    }
    for (const [name, place] of Object.entries(places)) {
      const plain = schemePaths({ ...aimed, path: path.posix }, place)
      const paths = name === 'root' ? pathsUnder(plain, '/r', path.posix) : plain
      const mine = {
        platlib: paths.platlib,
        purelib: paths.purelib,
        headers: `${paths.include}/NAME`,
        scripts: paths.scripts,
        data: paths.data,
      }
      // pip installs into lib/python of a directory of its own first, and moves what is in it up.
      const flat = name === 'target' ? { platlib: '/x/t', purelib: '/x/t' } : {}
      assert.deepEqual(mine, { ...theirs[name], ...flat }, `${python}: ${name}`)
      compared += 1
    }
  }
  assert.ok(compared >= 10, `${compared} compared`)
})
