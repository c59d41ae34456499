// What --with lays over an environment, under every Python that den makes environments for.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { test } from 'node:test'
import { den, denCommand, runProgram } from '../kit/den.ts'
import { servedWheel } from '../kit/index-server.ts'
import { packageTree, projectFiles, projectScene } from '../kit/project-scene.ts'

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

const modern = (more = ''): string =>
  `[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["base<2"]\n${more}`
const told = 'import base; print(base.version)'

test('--with takes the versions of the lock where they will do, a script too', async (t) => {
  const tool = `# /// script\n# dependencies = ["base<2"]\n# ///\nimport app, base; print(app.version, base.version)\n`
  const s = await projectScene(t, { tree: { 'pyproject.toml': modern(), 'tool.py': tool } })
  if (s === undefined) return
  const layered = async (...words: readonly string[]): Promise<string> => {
    const ran = await s.done('run', ...words.flatMap((word) => ['--with', word]), 'python', '-c', told)
    return ran.stdout.trim()
  }
  // That it lies below is not what counts: it is in the layer that it is chosen.
  for (const _ of [1, 2]) assert.equal(await layered('app<2'), '1.0')
  assert.equal(await layered('base'), '1.0')
  assert.equal(await layered('base>=2'), '2.0')
  // A lock file beside it has a say in what it holds alone.
  await s.done('pip', 'lock', 'tls==1.0', '-o', 'pylock.other.toml')
  const beside = ['--with-requirements', 'pylock.other.toml', '--with', 'app<2']
  assert.equal((await s.done('run', ...beside, 'python', '-c', `import tls; ${told}`)).stdout, '1.0\n')
  s.write({ 'pyproject.toml': modern().replace('base<2', 'base') })
  await s.done('lock', '--upgrade')
  assert.equal(await layered('app<2'), '2.0')
  // Without a lock a script says nothing of what is chosen above it.
  const run = ['run', '--with', 'app<2', 'tool.py']
  assert.equal((await s.done(...run)).stdout, '1.0 2.0\n')
  await s.done('lock', '--script', 'tool.py')
  assert.equal((await s.done(...run)).stdout, '1.0 1.0\n')
})

test('--with takes a project from where the sources say', async (t) => {
  const wheel = servedWheel({ name: 'base', version: '9.0', files: { 'base.py': "version = 'local'\n" } })
  const other = servedWheel({ name: 'base', version: '9.1', files: { 'base.py': "version = 'local too'\n" } })
  for (const tool of ['den', 'uv']) {
    const sources = `[tool.${tool}.sources]\nbase = { path = "wheels/${wheel.filename}" }\n`
    const pyproject = modern(sources).replace('"base<2"', '"docs"')
    const s = await projectScene(t, { tree: { 'pyproject.toml': pyproject } })
    if (s === undefined) return
    fs.mkdirSync(path.join(s.root, 'wheels'))
    fs.mkdirSync(path.join(s.root, 'below'))
    fs.writeFileSync(path.join(s.root, 'wheels', wheel.filename), wheel.bytes)
    fs.writeFileSync(path.join(s.root, 'wheels', other.filename), other.bytes)
    const run = ['run', '--with', 'base; python_version > "3"', 'python', '-c', told]
    const ran = await den(run, { cwd: path.join(s.root, 'below'), env: s.env })
    assert.equal(ran.stdout, 'local\n', ran.stderr)
    // An address says by itself where it is.
    const direct = ['run', '--with', `base @ file://${s.root}/wheels/${other.filename}`, ...run.slice(3)]
    assert.equal((await s.done(...direct)).stdout, 'local too\n')
    s.write({ 'pyproject.toml': pyproject.replace(wheel.filename, other.filename) })
    assert.equal((await s.done(...run)).stdout, 'local too\n')
  }
})

test('files of requirements come from addresses, standard input and pipes, and what they name counts', async (t) => {
  const s = await projectScene(t, { tree: { 'more.txt': 'base==1.0\n', 'needs.txt': '-r \\\n  more.txt\n' } })
  if (s === undefined) return
  const env = s.env
  const run = async (place: string, input: string): Promise<string> => {
    const args = ['run', '-p', s.python, '--with-requirements', place, 'python', '-c', told]
    const ran = await den(args, { cwd: s.root, env, input })
    assert.equal(ran.code, 0, ran.stderr)
    return ran.stdout.trim()
  }
  for (const version of ['1.0', '2.0', '1.0']) {
    assert.equal(await run('-', `base==${version}\n`), version)
    const args = ['run', '-p', s.python, '--with-requirements', '/dev/stdin', 'python', '-c', told]
    const piped = ['-c', `echo base==${version} | "$@"`, 'sh', ...denCommand(), ...args]
    const ran = await runProgram('/bin/sh', piped, { cwd: s.root, env })
    assert.equal(ran.stdout, `${version}\n`, ran.stderr)
  }
  assert.equal(await run('-', '-r more.txt\n'), '1.0')
  // A line goes on behind a backslash.
  assert.equal(await run('needs.txt', ''), '1.0')
  s.write({ 'more.txt': 'base==2.0\n' })
  assert.equal(await run('needs.txt', ''), '2.0')
  assert.equal(await run('-', '-r more.txt\n'), '2.0')
  const server = http.createServer((_, response) => response.end('base==1.0\n'))
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  assert.equal(await run(`http://127.0.0.1:${port}/needs.txt`, ''), '1.0')
  assert.match(await s.refused('run', '-p', s.python, '--with-requirements', 'gone.txt', 'python'), /gone\.txt/)
  // A script says what it needs, too.
  for (const version of ['1.0', '2.0']) {
    s.write({ 'tool.py': `# /// script\n# dependencies = ["base==${version}"]\n# ///\nprint(0)\n` })
    assert.equal(await run('tool.py', ''), version)
  }
  const refused = async (file: string): Promise<string> =>
    await s.refused('run', '-p', s.python, '--with-requirements', file, 'python')
  s.write({ 'plain.py': 'print(0)\n' })
  assert.match(await refused('plain.py'), /error\[no-script-metadata\]/)
  assert.match(await refused('gone.py'), /error\[script-missing\]/)
})

/** The project shop, whose backend tells of an extra that asks for `base<2`. */
function shopTree(): Readonly<Record<string, string>> {
  const pyproject = `[project]\nname = "shop"\nversion = "0.1"\nrequires-python = ">=3.9"\noptional-dependencies.more = ["base<2"]\n`
  const tree = packageTree(pyproject) as Readonly<Record<string, string>>
  const told = "Version: {version}\\nProvides-Extra: more\\nRequires-Dist: base<2; extra == 'more'\\n"
  const backend = tree['backend.py']!.replace('Version: {version}\\n', told)
  assert.notEqual(backend, tree['backend.py'])
  return { ...tree, 'backend.py': backend }
}
const foreign = servedWheel({ name: 'shop', version: '9.0', files: { 'shop/__init__.py': "where = 'foreign'\n" } })
const where = 'import shop; print(shop.where)'

test('--with the project’s own name means the project itself, with its extras, and no index', async (t) => {
  const s = await projectScene(t, { files: [foreign, ...projectFiles()], tree: shopTree() })
  if (s === undefined) return
  const own = path.join(s.root, 'shop', '__init__.py')
  assert.equal((await s.done('run', '--with', 'shop', 'python', '-c', where)).stdout, `${own}\n`)
  const all = await s.done('run', '--with', 'Shop[more]>=0.1', 'python', '-c', `${where}; ${told}`)
  assert.equal(all.stdout, `${own}\n1.0\n`)
  assert.match(
    await s.refused('run', '--with', 'shop>=9', 'python', '-c', where),
    /error\[no-solution\].*\n.*which has 0\.1/,
  )
  assert.match(await s.refused('run', '--with', 'shop[none]', 'python', '-c', where), /error\[no-extra\].*none\n.*more/)
  assert.deepEqual(
    s.index.requests.filter(({ path: asked }) => /shop/.test(asked)),
    [],
  )
  // What is no package has its extras alone.
  const pyproject = fs.readFileSync(path.join(s.root, 'pyproject.toml'), 'utf8')
  s.write({ 'pyproject.toml': pyproject.slice(0, pyproject.indexOf('[build-system]')) })
  const extra = await s.done('run', '--with', 'shop[more]', 'python', '-c', told)
  assert.equal(extra.stdout, '1.0\n')
  assert.deepEqual(
    s.index.requests.filter(({ path: asked }) => /shop/.test(asked)),
    [],
  )
})

test('a source keeps the extras, the versions and the markers that it is asked for with, edited in place or not', async (t) => {
  const tree = Object.fromEntries(Object.entries(shopTree()).map(([file, text]) => [`parts/${file}`, text]))
  for (const editable of [false, true]) {
    const source = `sources.shop = { path = "parts", editable = ${editable} }\n`
    const script = (wanted: string, code: string): string =>
      `# /// script\n# dependencies = [${JSON.stringify(wanted)}]\n# [tool.den]\n# ${source}# ///\n${code}\n`
    const s = await projectScene(t, {
      files: [foreign, ...projectFiles()],
      tree: {
        ...tree,
        'pyproject.toml': `[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n[tool.den]\n${source}`,
        'all.py': script('shop[more]>=0.1', `${where}; ${told}`),
        'newer.py': script('shop>=9', where),
        'never.py': script("shop; python_version < '3'", where),
      },
    })
    if (s === undefined) return
    const own = path.join(s.root, 'parts', 'shop', '__init__.py')
    for (const args of [['all.py'], ['--with', 'shop[more]>=0.1', 'python', '-c', `${where}; ${told}`]]) {
      const ran = await s.done('run', ...args)
      const [place, version] = ran.stdout.split('\n')
      assert.equal(version, '1.0')
      assert.equal(place === own, editable, place ?? '')
      assert.notEqual(place, 'foreign')
    }
    for (const args of [['newer.py'], ['--with', 'shop>=9', 'python', '-c', where]])
      assert.match(await s.refused('run', ...args), /error\[no-solution\].*\n.*which has 0\.1/)
    for (const args of [['never.py'], ['--with', "shop; python_version < '3'", 'python', '-c', where]])
      assert.match(await s.refused('run', ...args), /No module named 'shop'/)
  }
})
