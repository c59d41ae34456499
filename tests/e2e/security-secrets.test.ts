// Passwords that den is given, by every way there is, are in nothing that it says, writes, or hands to the programs it starts.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { layApart } from '../kit/apart.ts'
import { type DenRun, den } from '../kit/den.ts'
import { serveHttp } from '../kit/http-server.ts'
import { type ServedIndex, type ServeOptions, servedWheel, serveIndex } from '../kit/index-server.ts'
import { skipWithoutPython } from '../kit/pythons.ts'
import { type Tree, writeTree } from '../kit/scratch.ts'
import { buildSdist } from '../kit/tar.ts'
import { buildWheel, type WheelInput, wheelFilename } from '../kit/wheel.ts'

const skip =
  process.platform === 'win32' ? 'NOT TESTED: planted secrets on Windows' : skipWithoutPython('3.12', 'planted secrets')

/** Nothing else looks like it, and it needs no escape. */
const secret = 'planted-b7c1e9f0'
const login = { user: 'somebody', password: secret }
const encoded = Buffer.from(`somebody:${secret}`).toString('base64')
const spelled = [secret, encoded, encodeURIComponent(encoded), Buffer.from(secret).toString('base64').slice(0, 20)]
const isTold = (text: string): boolean => spelled.some((spelling) => text.includes(spelling))

const app: WheelInput = { name: 'app', version: '1.0', files: { 'app.py': 'one = 1\n' } }

interface Scene {
  readonly root: string
  readonly cwd: string
  readonly index: ServedIndex
  /** The index's address with the secret in it. */
  readonly address: string
  readonly env: Readonly<Record<string, string>>
  run(...args: readonly string[]): Promise<DenRun>
  /** Runs it and looks everywhere; `given` are files of the test's own, where the secret stands. */
  told(run: DenRun, ...given: readonly string[]): readonly string[]
}

/** A program that writes down what it was started with. */
const recorder = (answer: string): string => `#!/bin/sh
{ printf '%s\\n' "$0" "$@"; echo --; } >> "$RECORDED"
${answer}
`

async function scene(t: TestContext, options: ServeOptions = { login }, tree: Tree = {}): Promise<Scene> {
  const { root, cwd, env, run } = await layApart(t, {
    tree: { 'bin/.keep': '', 'tmp/.keep': '', ...tree },
    env: (root) => ({
      TMPDIR: path.join(root, 'tmp'),
      RECORDED: path.join(root, 'recorded'),
      PATH: `${path.join(root, 'bin')}:${process.env['PATH']}`,
    }),
  })
  for (const name of fs.readdirSync(path.join(root, 'bin'))) fs.chmodSync(path.join(root, 'bin', name), 0o755)
  const { metadata: _, ...bare } = servedWheel({ ...app, name: 'bare' })
  const index = await serveIndex(t, [servedWheel(app), bare], options)
  const told = ({ stdout, stderr }: DenRun, ...given: readonly string[]): readonly string[] => [
    ...(isTold(stdout) ? [`stdout: ${stdout}`] : []),
    ...(isTold(stderr) ? [`stderr: ${stderr}`] : []),
    ...holding(root).filter((name) => !given.includes(name)),
  ]
  return { root, cwd, index, env, run, told, address: index.url.replace('://', `://somebody:${secret}@`) }
}

/** Files below that hold the secret, in their name or their bytes. */
function holding(root: string): readonly string[] {
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => {
      if (isTold(entry.name)) return true
      return entry.isFile() && isTold(fs.readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    })
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}

const loud = ['-vvv', '--log', 'pip.log', '--report', 'report.json'] as const

test('a password in the address of an index: options, variables, files', { skip }, async (t) => {
  const s = await scene(t)
  const places: readonly (readonly [
    name: string,
    args: readonly string[],
    given?: Tree,
    env?: Record<string, string>,
  ])[] = [
    ['--index-url', ['--index-url', s.address, 'app']],
    [
      '--extra-index-url',
      ['--index-url', s.index.url.replace('/simple/', '/other/'), '--extra-index-url', s.address, 'app'],
    ],
    ['--find-links', ['--no-index', '--find-links', s.address.replace('/simple/', '/simple/app/'), 'app']],
    ['PIP_INDEX_URL', ['app'], {}, { PIP_INDEX_URL: s.address }],
    [
      'pip.conf',
      ['app'],
      { 'project/given': `[global]\nindex-url = ${s.address}\n` },
      { PIP_CONFIG_FILE: path.join(s.cwd, 'given') },
    ],
    ['a requirements file', ['-r', 'given'], { 'project/given': `--index-url ${s.address}\napp\n` }],
    ['a direct address', ['--no-index', `app @ ${s.address.replace('/simple/', `/files/${wheelFilename(app)}`)}`]],
    [
      'a direct address that is not for this Python',
      [
        `app @ ${s.address.replace('/simple/', `/files/${wheelFilename(app)}`)} ; python_version < "3"`,
        'app',
        '--index-url',
        s.address,
      ],
    ],
    ['an address alone', ['--no-index', s.address.replace('/simple/', `/files/${wheelFilename(app)}`)]],
  ]
  for (const [name, args, given = {}, env = {}] of places) {
    writeTree(s.root, given)
    const run = await den(['pip', 'install', ...loud, ...args], { cwd: s.cwd, env: { ...s.env, ...env } })
    assert.deepEqual(s.told(run, 'project/given'), [], name)
    if (name !== '--extra-index-url') assert.equal(run.code, 0, `${name}: ${run.stdout}${run.stderr}`)
    for (const command of [
      ['pip', 'list', '-v'],
      ['pip', 'freeze'],
      ['pip', 'inspect'],
      ['pip', 'show', '-f', 'app'],
      ['pip', 'cache', 'list'],
      ['pip', 'index', 'versions', 'app'],
      ['explain', '--json'],
      ['doctor', '--json'],
      ['history'],
      ['history', '--json'],
    ]) {
      const shown = await den(command, { cwd: s.cwd, env: { ...s.env, ...env } })
      assert.deepEqual(s.told(shown, 'project/given'), [], `${name}, then ${command.join(' ')}`)
    }
    await s.run('pip', 'uninstall', '-y', 'app')
    for (const file of ['project/given', 'project/report.json', 'project/pip.log'])
      fs.rmSync(path.join(s.root, file), { force: true })
    fs.rmSync(path.join(s.root, 'cache'), { recursive: true, force: true })
  }
  assert.ok(s.index.requests.some(({ headers }) => headers.authorization === `Basic ${encoded}`))
})

test('a password in an address that fails, in every way that it can', { skip }, async (t) => {
  const s = await scene(t, {})
  const wrong: readonly (readonly [name: string, args: readonly string[], prepare?: () => void])[] = [
    ['no such project', ['nothing-there']],
    ['a status', ['app'], () => s.index.fault({ on: '/simple/', kind: 'status', status: 500, times: 9 })],
    ['forbidden', ['app'], () => s.index.fault({ on: '/simple/', kind: 'status', status: 403, times: 1 })],
    [
      'a page that is none',
      ['app'],
      () => s.index.fault({ on: '/simple/', kind: 'answer', contentType: 'image/png', body: 'x', times: 1 }),
    ],
    [
      'a redirect in a circle',
      ['app'],
      () => s.index.fault({ on: '/simple/', kind: 'redirect', to: '/simple/app/', times: 30 }),
    ],
    [
      'a redirect to a file',
      ['app'],
      () => s.index.fault({ on: '/simple/', kind: 'redirect', to: 'file:///etc/passwd', times: 1 }),
    ],
    ['a file that is cut', ['app'], () => s.index.fault({ on: '.whl', kind: 'truncate', times: 9 })],
    [
      'a wrong hash',
      ['--no-deps', `app @ ${s.address.replace('/simple/', `/files/${wheelFilename(app)}`)}#sha256=${'0'.repeat(64)}`],
    ],
    ['no such file', [`app @ ${s.address.replace('/simple/', '/files/app-2.0-py3-none-any.whl')}`]],
    ['no version that will do', ['app==9']],
    ['not a requirement', [`app @ ht!tp://somebody:${secret}@x/y`]],
    ['a scheme that is not known', [`app @ gopher://somebody:${secret}@pkg.example.org/app-1.0.tar.gz`]],
    ['no such port', ['--index-url', `http://somebody:${secret}@127.0.0.1:1/simple/`, 'app']],
    ['an index that is no address', ['--index-url', `somebody:${secret}@127.0.0.1/simple`, 'app']],
    ['a bad port', ['--index-url', `http://somebody:${secret}@127.0.0.1:99999/simple/`, 'app']],
    ['a proxy that is not there', ['--proxy', `http://somebody:${secret}@127.0.0.1:1`, 'app']],
    ['a proxy that is no address', ['--proxy', `http://somebody:${secret}@:bad:`, 'app']],
    ['a requirements file elsewhere', ['-r', s.address.replace('/simple/', '/none.txt')]],
    ['a repository that is not there', [`git+http://somebody:${secret}@127.0.0.1:${s.index.port}/r.git`]],
    ['an editable address', ['-e', `http://somebody:${secret}@127.0.0.1:${s.index.port}/x`]],
  ]
  for (const [name, args, prepare] of wrong) {
    prepare?.()
    const run = await s.run(
      'pip',
      'install',
      ...loud,
      '--retries',
      '1',
      '--timeout',
      '3',
      ...(args.includes('--index-url') ? [] : ['--index-url', s.address]),
      ...args,
    )
    assert.notEqual(run.code, 0, `${name}: ${run.stdout}`)
    assert.doesNotMatch(run.stderr, /error\[internal\]/, name)
    assert.deepEqual(s.told(run), [], name)
    const asJson = await s.run(
      '--json',
      'pip',
      'download',
      '-d',
      'd',
      '--retries',
      '0',
      '--index-url',
      s.address,
      ...args.filter((word) => word !== '-e'),
    )
    assert.deepEqual(s.told(asJson), [], `${name}, as JSON`)
  }
})

test('a password in the address of a requirement or source of a project, and of a script', { skip }, async (t) => {
  const s = await scene(t)
  const address = `${s.address.replace('/simple/', '/files/')}app-1.0-py3-none-any.whl`
  const write = (name: string, text: string): string => {
    fs.writeFileSync(path.join(s.cwd, name), text)
    return path.relative(s.root, path.join(s.cwd, name))
  }
  const project = write(
    'pyproject.toml',
    `[project]
name = "mine"
version = "1"
requires-python = ">=3.10"
dependencies = ["app @ ${address}", "other", "more"]
[tool.den.sources]
other = { git = "https://somebody:${secret}@example.org/q.git", rev = "v1" }
more = { url = "${address}" }
`,
  )
  const block = `# /// script\n# dependencies = ["app @ ${address}"]\n# ///\n`
  const given = [project, write('tool.py', block)]
  for (const args of [
    ['remove', '--dry-run', '--frozen', 'app', 'other', 'more'],
    ['add', '--dry-run', '--frozen', '--dev', `app @ ${address}`],
    ['add', '--dry-run', '--frozen', '--raw', '--dev', `app @ ${address}`],
    ['remove', '--dry-run', '--script', 'tool.py', 'app'],
    ['add', '--dry-run', '--script', 'tool.py', `other @ ${address}`],
  ]) {
    for (const json of [[], ['--json']]) {
      const run = await s.run(...args, ...json)
      assert.equal(run.code, 0, run.stderr)
      // As data a script's requirement has no address, and notes are not told.
      const isTold = json.length === 0 || !args.includes(`other @ ${address}`)
      if (isTold) assert.match(`${run.stdout}${run.stderr}`, /:\/\/\*\*\*\*@/, args.join(' '))
      assert.deepEqual(s.told(run, ...given), [], args.join(' '))
    }
  }
  fs.writeFileSync(
    path.join(s.cwd, 'pyproject.toml'),
    fs.readFileSync(path.join(s.cwd, 'pyproject.toml'), 'utf8').replace('"other", ', ''),
  )
  const run = await s.run('remove', '--no-sync', 'more')
  assert.equal(run.code, 0, run.stderr)
  assert.deepEqual(s.told(run, ...given), [])
})

test('a password of a netrc file, and one that a keyring gives', { skip }, async (t) => {
  const keyring = recorder(`printf '{"username": "somebody", "password": "${secret}"}'`)
  const s = await scene(t, { login }, { 'bin/keyring': keyring, 'home/.keep': '' })
  const given = ['bin/keyring', 'home/.netrc']
  const viaKeyring = await s.run(
    'pip',
    'install',
    ...loud,
    '--keyring-provider',
    'subprocess',
    '--index-url',
    s.index.url,
    'app',
  )
  assert.equal(viaKeyring.code, 0, viaKeyring.stderr)
  assert.match(fs.readFileSync(path.join(s.root, 'recorded'), 'utf8'), /--mode=creds/)
  assert.deepEqual(s.told(viaKeyring, ...given), [])
  await s.run('pip', 'uninstall', '-y', 'app')
  fs.rmSync(path.join(s.root, 'bin/keyring'))
  fs.rmSync(path.join(s.root, 'cache'), { recursive: true, force: true })
  const refused = await s.run('pip', 'install', ...loud, '--no-input', '--index-url', s.index.url, 'app')
  assert.equal(refused.code, 1)
  writeTree(s.root, { 'home/.netrc': `machine 127.0.0.1 login somebody password ${secret}\n` })
  const viaNetrc = await s.run('pip', 'install', ...loud, '--index-url', s.index.url, 'app')
  assert.equal(viaNetrc.code, 0, viaNetrc.stderr)
  assert.deepEqual(s.told(viaNetrc, ...given), [])
  // Broken ones are complained of without being quoted.
  writeTree(s.root, { 'home/.netrc': `machine 127.0.0.1 login somebody password "${secret}\nbogus ${secret}\n` })
  const broken = await s.run('pip', 'install', ...loud, '--force-reinstall', '--index-url', s.index.url, 'app')
  assert.deepEqual(s.told(broken, ...given), [])
  writeTree(s.root, { 'bin/keyring': recorder(`echo '{"password": "${secret}' ; echo "oops ${secret}" >&2; exit 0`) })
  fs.chmodSync(path.join(s.root, 'bin/keyring'), 0o755)
  const garbled = await s.run(
    'pip',
    'download',
    '-d',
    'd',
    '-vvv',
    '--keyring-provider',
    'subprocess',
    '--index-url',
    s.index.url,
    'nothing',
  )
  assert.deepEqual(s.told(garbled, ...given), [])
})

test('a password of a proxy', { skip }, async (t) => {
  const s = await scene(t, {})
  const asked: (string | undefined)[] = []
  const proxy = await serveHttp(t, (request, response) => {
    asked.push(request.headers['proxy-authorization'])
    void fetch(request.url!, { headers: { accept: request.headers.accept ?? '*/*' } }).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/html' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })
  })
  const address = proxy.origin.replace('://', `://somebody:${secret}@`)
  const ways: readonly (readonly [args: readonly string[], env: Record<string, string>])[] = [
    [['--proxy', address], {}],
    [[], { HTTP_PROXY: address, http_proxy: address, NO_PROXY: '', no_proxy: '' }],
    [[], { PIP_PROXY: address }],
  ]
  for (const [args, env] of ways) {
    asked.length = 0
    const settled = { ...s.env, NO_PROXY: '', no_proxy: '', ...env }
    const run = await den(
      ['pip', 'install', ...loud, ...args, '--force-reinstall', '--index-url', s.index.url, 'app'],
      { cwd: s.cwd, env: settled },
    )
    assert.equal(run.code, 0, run.stderr)
    assert.ok(asked.includes(`Basic ${encoded}`), JSON.stringify(asked))
    assert.deepEqual(s.told(run), [])
    fs.rmSync(path.join(s.root, 'cache'), { recursive: true, force: true })
  }
})

test('credentials go to their own origin only, whatever redirects and pages say', { skip }, async (t) => {
  const s = await scene(t)
  const seen: (string | undefined)[] = []
  const thief = await serveHttp(t, (request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(200, { 'content-length': wheelBytes.length }).end(wheelBytes)
  })
  const wheelBytes = buildWheel({ ...app, name: 'bare' })
  const file = wheelFilename({ ...app, name: 'bare' })
  s.index.fault({ on: file, kind: 'redirect', to: `${thief.origin}/${file}` })
  const run = await s.run('pip', 'install', ...loud, '--index-url', s.address, 'bare')
  assert.equal(run.code, 0, run.stderr)
  assert.ok(seen.length > 0)
  assert.deepEqual([...new Set(seen)], [undefined])
  const page = `<!doctype html><a href="${thief.origin}/${file}">x</a>`
  const other = await serveHttp(t, (request, response) => {
    if (request.headers.authorization === undefined)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  })
  const address = `${other.origin.replace('://', `://somebody:${secret}@`)}/simple/`
  const again = await s.run('pip', 'install', ...loud, '--force-reinstall', '--index-url', address, 'bare')
  assert.equal(again.code, 0, again.stderr)
  assert.deepEqual([...new Set(seen)], [undefined])
  assert.deepEqual(s.told(again), [])
})

test('programs that den starts are given no password on their command line', { skip }, async (t) => {
  const git = recorder('exit 1')
  const s = await scene(t, { login }, { 'bin/git': git, 'bin/hg': git, 'bin/svn': git, 'bin/bzr': git })
  for (const vcs of ['git', 'hg', 'svn', 'bzr']) {
    const link = `${vcs}+http://somebody:${secret}@127.0.0.1:${s.index.port}/repo`
    for (const args of [
      ['--no-index', link],
      ['--no-index', `app @ ${link}@main`],
      ['--no-index', '-e', `${link}#egg=app`],
    ]) {
      const run = await s.run('pip', 'install', ...loud, ...args)
      assert.equal(run.code, 1, run.stdout)
      assert.deepEqual(s.told(run), [], link)
    }
  }
  const recorded = fs.readFileSync(path.join(s.root, 'recorded'), 'utf8')
  // Bazaar has no way to take a password that others cannot see, and is not started.
  for (const vcs of ['git', 'hg', 'svn']) assert.match(recorded, new RegExp(`/${vcs}$`, 'm'))
})

test('a build is shown no password of the one who asked for it', { skip }, async (t) => {
  const files = {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    'backend.py': `import base64, json, os, sys
def build_wheel(directory, config_settings=None, metadata_directory=None):
    home = os.path.expanduser("~")
    seen = {"environ": dict(os.environ), "argv": sys.argv, "home": {}}
    for name in (".netrc", ".pip/pip.conf", ".config/pip/pip.conf"):
        place = os.path.join(home, name)
        if os.path.exists(place):
            seen["home"][name] = open(place).read()
    with open("${'${HERE}'}", "w") as out:
        json.dump(seen, out)
    name = "own-1.0-py3-none-any.whl"
    with open(os.path.join(directory, name), "wb") as out:
        out.write(base64.b64decode("${Buffer.from(buildWheel({ name: 'own', version: '1.0' })).toString('base64')}"))
    return name
`,
  }
  const s = await scene(t, { login }, { 'home/.netrc': `machine 127.0.0.1 login somebody password ${secret}\n` })
  const seen = path.join(s.root, 'seen.json')
  const sdist = buildSdist({
    name: 'own',
    version: '1.0',
    files: { ...files, 'backend.py': files['backend.py'].replace('${HERE}', seen) },
  })
  writeTree(s.root, { 'project/own-1.0.tar.gz': sdist })
  const env = {
    ...s.env,
    PIP_INDEX_URL: s.address,
    PIP_EXTRA_INDEX_URL: s.address,
    HTTPS_PROXY: `http://somebody:${secret}@127.0.0.1:1`,
  }
  const run = await den(['pip', 'install', ...loud, './own-1.0.tar.gz'], { cwd: s.cwd, env })
  assert.equal(run.code, 0, run.stdout + run.stderr)
  const told = JSON.parse(fs.readFileSync(seen, 'utf8')) as { environ: Record<string, string> }
  const given = Object.entries(told.environ).filter(([name, value]) => isTold(value) && !/_PROXY$/i.test(name))
  assert.deepEqual(given, [])
  assert.deepEqual({ ...told, environ: {} }, { environ: {}, argv: (told as { argv?: unknown }).argv, home: {} })
  // A build may need the proxy, and has its address; nothing else does.
  fs.rmSync(seen)
  assert.deepEqual(s.told(run, 'home/.netrc'), [])
})

test('what is remembered between two runs holds no password: of a .env file, of a file that is given back', {
  skip,
}, async (t) => {
  const manifest = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.12"\n'
  const s = await scene(t, {}, { 'project/pyproject.toml': manifest, 'project/.env': `TOKEN=${secret}\n` })
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const run = await s.run('run', 'python', '-c', 'import os; print(len(os.environ["TOKEN"]))')
    assert.equal(run.stdout, `${secret.length}\n`, run.stderr)
    assert.deepEqual(s.told(run, 'project/.env'), [])
  }
  // Read for each run: another value counts at once, however the first was remembered.
  writeTree(s.root, { 'project/.env': `TOKEN=${secret}${secret}\n` })
  const other = await s.run('run', 'python', '-c', 'import os; print(len(os.environ["TOKEN"]))')
  assert.equal(other.stdout, `${2 * secret.length}\n`, other.stderr)
  writeTree(s.root, { 'project/given': `--find-links ${s.address}\n` })
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const run = await s.run('pip', 'freeze', '-r', 'given')
    // As it stands there, which is what pip gives back.
    assert.ok(run.stdout.includes(s.address), run.stdout)
    assert.deepEqual(s.told({ ...run, stdout: '' }, 'project/.env', 'project/given'), [])
  }
})
