// What den run chooses without a lock (a script's packages, those of --with): by all that is said of choosing, and remembered for just that.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { servedWheel } from '../kit/index-server.ts'
import { projectScene } from '../kit/project-scene.ts'

const day = 24 * 60 * 60 * 1000
const aged = (version: string, days: number) =>
  servedWheel(
    { name: 'aged', version, files: { 'aged.py': `version = '${version}'\n` } },
    { uploadTime: new Date(Date.now() - days * day).toISOString() },
  )
const files = [aged('1.0', 400), aged('2.0', 30), aged('3.0rc1', 20), aged('3.1', 0.1)]
const show = 'import aged; print(aged.version)'
const script = (needs: string, more = ''): string =>
  `# /// script\n# requires-python = ">=3.9"\n# dependencies = [${needs}]\n${more}# ///\n${show}\n`

test('another limit, policy or index is another choice, for --with and for a script', async (t) => {
  const s = await projectScene(t, { files, tree: { 'tool.py': script('"aged"') } })
  if (s === undefined) return
  const said = async (...args: readonly string[]): Promise<readonly string[]> => {
    const layered = await s.done('run', ...args, '--with', 'aged', 'python', '-c', show)
    const scripted = await s.done('run', ...args, 'tool.py')
    return [layered.stdout.trim(), scripted.stdout.trim()]
  }
  for (const _ of [1, 2]) {
    assert.deepEqual(await said(), ['2.0', '2.0'])
    assert.deepEqual(await said('--exclude-newer', '100 days'), ['1.0', '1.0'])
    assert.deepEqual(await said('--exclude-newer', new Date(Date.now() - 50 * day).toISOString()), ['1.0', '1.0'])
    assert.deepEqual(await said('--minimum-age', '0'), ['3.1', '3.1'])
    assert.deepEqual(await said('--minimum-age', '60 days'), ['1.0', '1.0'])
    assert.deepEqual(await said('--prerelease', 'allow'), ['3.0rc1', '3.0rc1'])
    assert.deepEqual(await said('--resolution', 'lowest'), ['1.0', '1.0'])
  }
  assert.match(await s.refused('run', '--no-binary-package', 'aged', 'tool.py'), /error\[no-solution\]/)
  assert.match(await s.refused('run', '--no-index', '--with', 'aged', 'python', '-c', show), /error\[no-solution\]/)
  assert.match(await s.refused('run', '--with', 'aged>3', 'python'), /left out: --minimum-age 0/)
  // An age comes to another moment each time, and is the same age.
  const cache = path.join(path.dirname(s.root), `.home-of-${path.basename(s.root)}`, 'den-cache', 'environments-v1')
  const before = fs.readdirSync(cache).length
  await said('--exclude-newer', '100 days')
  assert.equal(fs.readdirSync(cache).length, before)
})

test('what was made stays until somebody asks anew, and is there offline', async (t) => {
  const s = await projectScene(t, { files, tree: { 'tool.py': script('"aged"') } })
  if (s === undefined) return
  const layered = ['--with', 'aged', 'python', '-c', show]
  for (const run of [['tool.py'], layered]) assert.equal((await s.done('run', ...run)).stdout, '2.0\n')
  s.index.add(aged('2.5', 10))
  const asked = s.index.requests.length
  for (const run of [['tool.py'], layered, ['--offline', 'tool.py'], ['--offline', ...layered]])
    assert.equal((await s.done('run', ...run)).stdout, '2.0\n')
  assert.equal(s.index.requests.length, asked)
  // What would do without the index is told where places with links are named.
  const wheels = (await s.refused('run', '--offline', '--find-links', '.', '--with', 'unheard', 'python')).split('\n')
  assert.deepEqual(
    wheels.filter((line) => /error|--no-index/.test(line)).map((line) => line.replace(/http\S+/, 'URL')),
    [
      'error[offline]: URL was not fetched: den is offline',
      '   fix: take only what --find-links names, and ask no index: --no-index',
    ],
  )
  assert.doesNotMatch(await s.refused('run', '--offline', '--with', 'unheard', 'python'), /--no-index/)
  for (const run of [['tool.py'], layered])
    for (const _ of [1, 2]) assert.equal((await s.done('run', '--refresh', ...run)).stdout, '2.5\n')
  for (const run of [['tool.py'], layered]) assert.equal((await s.done('run', ...run)).stdout, '2.5\n')
})

test('--with chooses as the project does, and files that a requirements file names count', async (t) => {
  const pyproject = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n[tool.den]\n'
  const tree = { 'pyproject.toml': `${pyproject}constraint-dependencies = ["aged<2"]\n`, 'needs.txt': '-r more.txt\n' }
  const s = await projectScene(t, { files, tree: { ...tree, 'more.txt': 'aged<2\n' } })
  if (s === undefined) return
  const layered = async (...args: readonly string[]): Promise<string> =>
    (await s.done('run', ...args, 'python', '-c', show)).stdout.trim()
  assert.equal(await layered('--with', 'aged'), '1.0')
  s.write({ 'pyproject.toml': `${pyproject}exclude-newer = "100 days"\n` })
  assert.equal(await layered('--with', 'aged'), '1.0')
  s.write({ 'pyproject.toml': `${pyproject}minimum-age = false\n` })
  assert.equal(await layered('--with', 'aged'), '3.1')
  assert.equal(await layered('--with-requirements', 'needs.txt'), '1.0')
  s.write({ 'more.txt': 'aged<3\n' })
  assert.equal(await layered('--with-requirements', 'needs.txt'), '2.0')
  s.write({ 'more.txt': `--index-url ${s.index.origin}/nowhere/\naged<3\n` })
  assert.match(
    await s.refused('run', '--with-requirements', 'needs.txt', 'python'),
    /error\[(?:no-solution|fetch-failed)\]/,
  )
  const excluded = script('"aged"', '# [tool.den]\n# exclude-dependencies = ["aged"]\n')
  s.write({ 'tool.py': excluded.replace(show, 'import importlib.util as u; print(u.find_spec("aged"))') })
  assert.equal((await s.done('run', 'tool.py')).stdout, 'None\n')
})
