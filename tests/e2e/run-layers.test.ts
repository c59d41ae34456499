// What --with lays over an environment, under every Python that den makes environments for.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { den } from '../kit/den.ts'
import { servedWheel } from '../kit/index-server.ts'
import { projectScene } from '../kit/project-scene.ts'

const module = (name: string) =>
  servedWheel({ name, version: '1.0', tag: 'py2.py3-none-any', files: { [`${name}.py`]: '' } })
const show = 'import above, below, sys; print("%s.%s" % sys.version_info[:2])'
const manifest = (python: string): string =>
  `[project]\nname = "p"\nversion = "1"\nrequires-python = "==${python}.*"\ndependencies = ["below"]\n`

for (const line of ['2.7', '3.6', '3.8', '3.11', '3.13'])
  test(`Python ${line} sees what is laid over, and what lies below`, async (t) => {
    const place = 'à b"c'
    const s = await projectScene(t, { line, files: [module('above'), module('below')], tree: {} })
    if (s === undefined) return
    for (const directory of ['plain', place]) {
      s.write({ [`${directory}/pyproject.toml`]: manifest(line) })
      const cwd = path.join(s.root, directory)
      const run = async (): Promise<string> => {
        const ran = await den(['run', '--with', 'above', 'python', '-c', show], { cwd, env: { ...s.env, LC_ALL: 'C' } })
        assert.equal(ran.code, 0, ran.stderr)
        return ran.stdout
      }
      for (const _ of [1, 2]) assert.equal(await run(), `${line}\n`, directory)
    }
  })

test('a layer whose own line is another one than den would write is not taken', async (t) => {
  const s = await projectScene(t, {
    files: [module('above'), module('below')],
    tree: { 'pyproject.toml': manifest('3.12') },
  })
  if (s === undefined) return
  const layered = ['run', '--with', 'above', 'python', '-c', show]
  await s.done(...layered)
  const cache = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-cache', 'environments-v1')
  const [made] = fs.readdirSync(cache)
  const file = path.join(cache, made!, 'lib/python3.12/site-packages/den-over.pth')
  fs.writeFileSync(file, 'import site; site.gone\n')
  assert.equal((await s.done(...layered)).stdout, '3.12\n')
})
