// Which of several indexes a project comes from, and what den believes of what an index says: no outsider's release gets in because it has
// a higher number, because a page lies, or because the right index is out of order.

import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { layApart } from '../kit/apart.ts'
import type { DenRun } from '../kit/den.ts'
import { serveHttp } from '../kit/http-server.ts'
import { type ServedFile, type ServedIndex, servedWheel, serveIndex } from '../kit/index-server.ts'
import { skipWithoutPython } from '../kit/pythons.ts'
import { type Tree, writeTree } from '../kit/scratch.ts'
import { buildSdist } from '../kit/tar.ts'
import { buildWheel, type WheelInput, wheelFilename, wheelMetadata } from '../kit/wheel.ts'

const skip = skipWithoutPython('3.12', 'indexes')
const sha256 = (bytes: Uint8Array): string => crypto.createHash('sha256').update(bytes).digest('hex')

const app = (version: string, more: Partial<WheelInput> = {}): WheelInput => ({
  name: 'app',
  version,
  files: { 'app.py': `version = '${version}'\n` },
  ...more,
})

interface Scene {
  readonly cwd: string
  run(...args: readonly string[]): Promise<DenRun>
  /** What is installed, as `pip list --format freeze` says it. */
  list(): Promise<string>
  /** Must be refused with one of these codes, and leave nothing. */
  refused(codes: RegExp, ...args: readonly string[]): Promise<string>
  installed(expected: string, ...args: readonly string[]): Promise<DenRun>
}

async function scene(t: TestContext, tree: Tree = {}): Promise<Scene> {
  const { cwd, run } = await layApart(t)
  writeTree(cwd, tree)
  const list = async (): Promise<string> =>
    (await run('pip', 'list', '--format', 'freeze')).stdout.trim().split('\n').filter(Boolean).join(' ')
  return {
    cwd,
    run,
    list,
    refused: async (codes, ...args) => {
      const before = await list()
      const { code, stdout, stderr } = await run('pip', 'install', '--retries', '0', ...args)
      assert.equal(code, 1, `${args.join(' ')}: ${stdout}`)
      assert.match(stderr, new RegExp(`^error\\[(?:${codes.source})\\]: `, 'm'))
      assert.equal(await list(), before)
      return stderr
    },
    installed: async (expected, ...args) => {
      const done = await run('pip', 'install', ...args)
      assert.equal(done.code, 0, done.stderr)
      assert.equal(await list(), expected)
      return done
    },
  }
}

const both = (main: ServedIndex, extra: ServedIndex): readonly string[] => [
  '--index-url',
  main.url,
  '--extra-index-url',
  extra.url,
]

test('a project comes from the first index that has it, however high another one’s number is', { skip }, async (t) => {
  const outsider = await serveIndex(t, [servedWheel(app('99.0')), servedWheel({ name: 'common', version: '1.0' })])
  const own = await serveIndex(t, [servedWheel(app('1.0', { requires: ['common'] }))])
  const s = await scene(t)
  await s.installed('app==1.0 common==1.0', ...both(outsider, own), 'app')
  assert.deepEqual(
    outsider.paths().filter((place) => place.startsWith('/simple/app/')),
    [],
  )
})

test('a version that only a later index has is not taken silently', { skip }, async (t) => {
  const outsider = await serveIndex(t, [servedWheel(app('99.0'))])
  const own = await serveIndex(t, [servedWheel(app('1.0'))])
  const s = await scene(t)
  await s.refused(/no-solution/, ...both(outsider, own), 'app>=2')
  await s.refused(/no-solution/, ...both(outsider, own), 'app==99.0')
})

test('an index that is out of order does not hand its projects on', { skip }, async (t) => {
  const outsider = await serveIndex(t, [servedWheel(app('99.0'))])
  const own = await serveIndex(t, [servedWheel(app('1.0'))])
  const s = await scene(t)
  for (const fault of [
    { on: '/simple/', kind: 'status', status: 503, times: 1 },
    { on: '/simple/', kind: 'status', status: 401, times: 1 },
    { on: '/simple/', kind: 'status', status: 403, times: 1 },
    { on: '/simple/', kind: 'reset', times: 1 },
    { on: '/simple/', kind: 'answer', contentType: 'image/png', body: 'x', times: 1 },
    { on: '/simple/', kind: 'redirect', to: 'file:///etc/passwd', times: 1 },
    { on: '/simple/', kind: 'truncate', times: 1 },
  ] as const) {
    own.fault(fault)
    await s.refused(/http-status|fetch-failed|invalid-index-page|redirect-refused/, ...both(outsider, own), 'app')
  }
  await s.installed('app==1.0', ...both(outsider, own), 'app')
})

test('pip’s way, the best version of all of them, is there for the asking', { skip }, async (t) => {
  const outsider = await serveIndex(t, [servedWheel(app('99.0'))])
  const own = await serveIndex(t, [servedWheel(app('1.0'))])
  const s = await scene(t)
  await s.installed('app==99.0', '--index-strategy', 'best-version', ...both(outsider, own), 'app')
})

test('hashes: a requirement’s, wrong ones, weak ones, missing ones', { skip }, async (t) => {
  const [good, base] = [buildWheel(app('1.0', { requires: ['base'] })), buildWheel({ name: 'base', version: '1.0' })]
  const index = await serveIndex(t, [
    servedWheel(app('1.0', { requires: ['base'] })),
    servedWheel({ name: 'base', version: '1.0' }),
  ])
  const md5 = (bytes: Uint8Array): string => crypto.createHash('md5').update(bytes).digest('hex')
  const zeros = '0'.repeat(64)
  const s = await scene(t, {
    'right.txt': `app==1.0 --hash=sha256:${sha256(good)}\nbase==1.0 --hash=sha256:${sha256(base)}\n`,
    'two.txt': `app==1.0 --hash=sha256:${zeros} --hash=sha256:${sha256(good)}\nbase==1.0 --hash=sha512:${crypto.createHash('sha512').update(base).digest('hex')}\n`,
    'wrong.txt': `app==1.0 --hash=sha256:${zeros}\nbase==1.0 --hash=sha256:${sha256(base)}\n`,
    'swapped.txt': `app==1.0 --hash=sha256:${sha256(base)}\nbase==1.0 --hash=sha256:${sha256(good)}\n`,
    'incomplete.txt': `app==1.0 --hash=sha256:${sha256(good)}\n`,
    'one-without.txt': `app==1.0 --hash=sha256:${sha256(good)}\nbase==1.0\n`,
    'loose.txt': `app>=1.0 --hash=sha256:${sha256(good)}\nbase==1.0 --hash=sha256:${sha256(base)}\n`,
    'weak.txt': `app==1.0 --hash=md5:${md5(good)}\nbase==1.0 --hash=md5:${md5(base)}\n`,
    'required.txt': '--require-hashes\napp==1.0\nbase==1.0\n',
    'short.txt': `app==1.0 --hash=sha256:${sha256(good).slice(0, 40)}\nbase==1.0 --hash=sha256:${sha256(base)}\n`,
    'plain.txt': 'app==1.0\nbase==1.0\n',
    'longer.txt': `app==1.0 --hash=sha512:${'0'.repeat(128)}\nbase==1.0 --hash=sha256:${sha256(base)}\n`,
    'longer-local.txt': `base==1.0 --hash=sha512:${'0'.repeat(128)}\n`,
    [wheelFilename({ name: 'base', version: '1.0' })]: base,
  })
  const from = ['--index-url', index.url]
  for (const file of ['wrong', 'swapped', 'incomplete', 'one-without', 'loose', 'weak', 'required', 'short'])
    await s.refused(/hash-mismatch|hashes-required|no-solution|invalid-requirements/, ...from, '-r', `${file}.txt`)
  await s.refused(/hashes-required/, ...from, '--require-hashes', '-r', 'plain.txt')
  await s.refused(/hashes-required/, ...from, '--require-hashes', 'app==1.0')
  await s.installed('app==1.0 base==1.0', ...from, '-r', 'two.txt')
  await s.run('pip', 'uninstall', '-y', 'app', 'base')
  await s.installed('app==1.0 base==1.0', ...from, '-r', 'right.txt')
  // What the store has of another origin counts no more than what comes over the wire.
  await s.run('pip', 'uninstall', '-y', 'app', 'base')
  await s.refused(/hash-mismatch|no-solution/, ...from, '-r', 'wrong.txt')
  // A hash of another kind is compared with the bytes, whatever the store knows them by.
  for (const file of ['longer', 'longer-local'])
    await s.refused(
      /hash-mismatch|no-solution/,
      ...(file === 'longer' ? from : ['--no-index', '-f', '.']),
      '-r',
      `${file}.txt`,
    )
})

test('a page’s hash that is wrong is the end, in whatever spelling', { skip }, async (t) => {
  const s = await scene(t)
  const good = buildWheel(app('1.0'))
  const pages: readonly (readonly [name: string, fragment: string, expected: 'refused' | 'installed'])[] = [
    ['another', `sha256=${'0'.repeat(64)}`, 'refused'],
    ['too short', `sha256=${sha256(good).slice(0, 63)}`, 'refused'],
    ['sha512 of something else', `sha512=${'0'.repeat(128)}`, 'refused'],
    ['sha384 of something else', `sha384=${'0'.repeat(96)}`, 'refused'],
    ['in capitals', `sha256=${sha256(good).toUpperCase()}`, 'installed'],
    ['right', `sha256=${sha256(good)}`, 'installed'],
  ]
  for (const [name, fragment, expected] of pages) {
    const index = await serveHttp(t, (request, response) => {
      if (request.url!.startsWith('/simple/app/'))
        return void response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<!doctype html><a href="/f/${wheelFilename(app('1.0'))}#${fragment}">x</a>`)
      response.writeHead(request.url!.startsWith('/f/') ? 200 : 404).end(good)
    })
    const args = ['--index-url', `${index.origin}/simple/`, 'app']
    if (expected === 'refused') await s.refused(/hash-mismatch|no-solution|invalid-index-page/, ...args)
    else {
      await s.installed('app==1.0', ...args)
      await s.run('pip', 'uninstall', '-y', 'app')
    }
    assert.equal(await s.list(), '', name)
  }
})

test('metadata beside a wheel that is not the wheel’s own', { skip }, async (t) => {
  const whole = app('1.0', { requires: ['base', 'other ; extra == "x"'], requiresPython: '>=3.8' })
  const lies: Readonly<Record<string, string>> = {
    'a dependency is hidden': wheelMetadata({ ...whole, requires: ['other ; extra == "x"'] }),
    'a dependency is added': wheelMetadata({ ...whole, requires: [...whole.requires!, 'thief'] }),
    'another dependency': wheelMetadata({ ...whole, requires: ['thief', 'other ; extra == "x"'] }),
    'another name': wheelMetadata({ ...whole, name: 'base' }),
    'another version': wheelMetadata({ ...whole, version: '2.0' }),
    'another Python': wheelMetadata({ ...whole, requiresPython: '>=2.7' }),
    'no metadata at all': 'not metadata',
    nothing: '',
  }
  for (const [name, metadata] of Object.entries(lies)) {
    const index = await serveIndex(t, [
      servedWheel(whole, { metadata }),
      servedWheel({ name: 'base', version: '1.0' }),
      servedWheel({ name: 'thief', version: '1.0' }),
    ])
    const s = await scene(t)
    const said = await s.refused(/metadata-mismatch|invalid-metadata|no-solution/, '--index-url', index.url, 'app')
    assert.equal(await s.list(), '', `${name}: ${said}`)
  }
  const honest = await serveIndex(t, [servedWheel(whole), servedWheel({ name: 'base', version: '1.0' })])
  const s = await scene(t)
  await s.installed('app==1.0 base==1.0', '--index-url', honest.url, 'app')
})

test('a newer release that is broken is passed over aloud, never silently', { skip }, async (t) => {
  const { metadata: _, ...newer } = servedWheel(app('2.0'))
  for (const bytes of [new TextEncoder().encode('<!doctype html>'.repeat(99)), new Uint8Array(4000)]) {
    const index = await serveIndex(t, [servedWheel(app('1.0')), { ...newer, bytes }])
    const s = await scene(t)
    const run = await s.run('pip', 'install', '--index-url', index.url, 'app')
    assert.match(run.stderr, /(?:warning|error)\[invalid-(?:archive|wheel)\]: app-2\.0-py3-none-any\.whl/)
    const quiet = await s.run('pip', 'install', '--index-url', index.url, 'app<2')
    assert.equal(quiet.code, 0)
    assert.doesNotMatch(quiet.stderr, /2\.0/)
  }
})

test('files of other projects on a project’s page, and other hosts’ names', { skip }, async (t) => {
  const s = await scene(t)
  const thief: ServedFile = { ...servedWheel({ name: 'thief', version: '9.0' }), project: 'app' }
  const index = await serveIndex(t, [servedWheel(app('1.0')), thief])
  await s.installed('app==1.0', '--index-url', index.url, 'app')
  assert.deepEqual(
    index.paths().filter((place) => place.includes('thief')),
    [],
  )
})

test('yanked releases: only when pinned, and said then', { skip }, async (t) => {
  const index = await serveIndex(t, [servedWheel(app('1.0')), servedWheel(app('2.0'), { yanked: 'leaks secrets' })])
  const from = ['--index-url', index.url]
  const s = await scene(t)
  await s.installed('app==1.0', ...from, 'app')
  await s.refused(/no-solution/, ...from, 'app>1')
  const pinned = await s.installed('app==2.0', ...from, 'app==2.0')
  assert.match(pinned.stdout + pinned.stderr, /yanked/)
  assert.match(pinned.stdout + pinned.stderr, /leaks secrets/)
})

test('a project in quarantine gives nothing, and says why', { skip }, async (t) => {
  const file = wheelFilename(app('1.0'))
  for (const status of [{ status: 'quarantined', reason: 'malware' }, { status: 'quarantined' }]) {
    const index = await serveHttp(t, (request, response) => {
      if (!request.url!.startsWith('/simple/app/')) return void response.writeHead(200).end(buildWheel(app('1.0')))
      const page = {
        meta: { 'api-version': '1.4' },
        name: 'app',
        'project-status': status,
        files: [{ filename: file, url: `/f/${file}`, hashes: { sha256: sha256(buildWheel(app('1.0'))) } }],
      }
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(JSON.stringify(page))
    })
    const s = await scene(t)
    const said = await s.refused(/no-solution|project-quarantined/, '--index-url', `${index.origin}/simple/`, 'app')
    assert.match(said, /quarantine/)
  }
})

test('a requirements file from elsewhere does not reach into this machine', { skip }, async (t) => {
  const s = await scene(t, { 'local.txt': 'app\n' })
  fs.writeFileSync(path.join(s.cwd, wheelFilename(app('1.0'))), buildWheel(app('1.0')))
  fs.writeFileSync(path.join(s.cwd, 'app-1.0.tar.gz'), buildSdist({ name: 'app', version: '1.0' }))
  const local = `file://${s.cwd}`
  const wheel = wheelFilename(app('1.0'))
  const texts: Readonly<Record<string, string>> = {
    'pylock.toml': `lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "app"\nversion = "1.0"\n[[packages.wheels]]\nname = "${wheel}"\nurl = "${local}/${wheel}"\nhashes = { sha256 = "${sha256(buildWheel(app('1.0')))}" }\n`,
    'pylock.path.toml': `lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "app"\nversion = "1.0"\n[[packages.wheels]]\nname = "${wheel}"\npath = "${s.cwd}/${wheel}"\nhashes = { sha256 = "${sha256(buildWheel(app('1.0')))}" }\n`,
    'pylock.directory.toml': `lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "app"\n[packages.directory]\npath = "${s.cwd}"\n`,
  }
  const server = await serveHttp(t, (request, response) => {
    const text = texts[request.url!.slice(1)]
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(text)
  })
  for (const name of Object.keys(texts)) await s.refused(/[a-z-]+/, '--no-index', '-r', `${server.origin}/${name}`)
  assert.equal(await s.list(), '')
})

test('lock files that would empty an environment, or state what is not so, are refused', { skip }, async (t) => {
  const wheel = wheelFilename(app('1.0'))
  const index = await serveIndex(t, [servedWheel(app('1.0'))])
  const entry = (more: string, hash = sha256(buildWheel(app('1.0')))): string =>
    `lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "app"\nversion = "1.0"\n[[packages.wheels]]\nname = "${wheel}"\nurl = "${index.origin}/files/${wheel}"\n${more}\nhashes = { sha256 = "${hash}" }\n`
  const size = buildWheel(app('1.0')).length
  const s = await scene(t, {
    'pylock.none.toml': 'lock-version = "1.0"\ncreated-by = "x"\n',
    'pylock.small.toml': entry('size = 1'),
    'pylock.hash.toml': entry('', '0'.repeat(64)),
    'pylock.md5.toml': entry('').replace('sha256 = ', 'md5 = '),
    'pylock.nohash.toml': entry('').replace(/hashes = .*/, ''),
    'pylock.newer.toml': entry('').replace('"1.0"', '"2.0"'),
    'pylock.name.toml': entry('').replace('name = "app"', 'name = "other"'),
    'pylock.version.toml': entry('').replace(
      'version = "1.0"\n[[packages.wheels]]',
      'version = "2.0"\n[[packages.wheels]]',
    ),
    'pylock.right.toml': entry(`size = ${size}`),
  })
  for (const name of ['none', 'small', 'hash', 'md5', 'nohash', 'newer', 'name', 'version'])
    await s.refused(/[a-z-]+/, '--no-index', '-r', `pylock.${name}.toml`)
  await s.installed('app==1.0', '--no-index', '-r', 'pylock.right.toml')
})
