// What den keeps of indexes is damaged: whatever looks at it has it from the index again, and goes on.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { servedWheel } from '../kit/index-server.ts'
import { projectFiles, projectScene } from '../kit/project-scene.ts'

test('a page that turns out to be damaged when its files are looked at is asked for again', async (t) => {
  const pyproject = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app"]\n'
  const uploadTime = new Date(Date.now() - 10 ** 10).toISOString()
  const files = [...projectFiles(), servedWheel({ name: 'app', version: '1.5' })].map((file) => ({
    ...file,
    uploadTime,
  }))
  const s = await projectScene(t, { files, tree: { 'pyproject.toml': pyproject, 'needs.in': 'app\n' } })
  if (s === undefined) return
  const cache = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-cache/pages-v1')
  /** The parts with the files of each version; what tells of the versions is whole. */
  const damage = (): number => {
    const parts = fs
      .readdirSync(cache, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(cache, name))
      .filter((file) => fs.statSync(file).isFile() && !file.endsWith('.head'))
    for (const file of parts) fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size))
    // An answer that is remembered needs no page.
    fs.rmSync(path.join(path.dirname(cache), 'resolutions-v1'), { recursive: true, force: true })
    return parts.length
  }
  const commands = [
    ['lock', '--minimum-age', '0'],
    ['lock', '--upgrade'],
    ['outdated'],
    ['why', '--latest', 'base'],
    ['run', '--refresh', '--with', 'base<2', 'python', '-c', '1'],
    ['pip', 'index', 'versions', 'app'],
    ['pip', 'compile', '--generate-hashes', '-o', '-', 'needs.in'],
  ]
  for (const command of commands) {
    // Twice: the second time it is answered from what is kept.
    for (const _ of [1, 2]) {
      if (command[0] === 'lock') fs.rmSync(path.join(s.root, 'pylock.toml'), { force: true })
      await s.done(...command)
    }
    if (command[0] === 'lock') fs.rmSync(path.join(s.root, 'pylock.toml'), { force: true })
    assert.ok(damage() > 0)
    const before: number = s.index.requests.length
    const again = await s.done(...command)
    assert.doesNotMatch(again.stderr, /damaged/, command.join(' '))
    assert.ok(s.index.requests.length > before, command.join(' '))
  }
})
