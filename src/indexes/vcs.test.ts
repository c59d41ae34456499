import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type TestContext as Den, testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { diagnose, isDenError } from '../base/error.ts'
import type { SpawnRequest } from '../host/spawn.ts'
import { readLink, type VcsLink } from './link.ts'
import { type Checkout, type CheckoutOptions, checkoutVcs } from './vcs.ts'

const has = (program: string): string | false =>
  spawnSync(program, ['--version']).error === undefined ? false : `no ${program} on this machine`

interface Setup {
  readonly context: Den
  readonly url: string
  readonly spawned: readonly SpawnRequest[]
  git(...args: readonly string[]): string
  checkout(text: string, options?: CheckoutOptions & { readonly offline?: boolean }): Promise<Checkout>
}

function setup(t: TestContext, repository = 'repository'): Setup {
  const plain = testContext(t)
  const spawned: SpawnRequest[] = []
  const { spawn } = plain.host
  const host = {
    ...plain.host,
    spawn: (request: SpawnRequest) => {
      spawned.push(request)
      return spawn(request)
    },
  }
  const context = { ...plain, host }
  const directory = path.join(context.root, repository)
  const env = { PATH: process.env['PATH'], HOME: context.root, GIT_CONFIG_NOSYSTEM: '1' }
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: directory,
      encoding: 'utf8',
      env,
    }).trim()
  writeTree(directory, { 'setup.py': 'one', 'inside/setup.py': 'in' })
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-q', '-m', 'one')
  const checkout = async (
    text: string,
    { offline = false, ...options }: CheckoutOptions & { offline?: boolean } = {},
  ) => await checkoutVcs({ ...context, offline }, readLink(host, text) as VcsLink, options)
  return { context, git, checkout, spawned, url: `git+${pathToFileURL(directory).href}` }
}

const noGit = has('git')

test('git: a branch, a tag, an annotated tag, a commit, a short one, a ref', { skip: noGit }, async (t) => {
  const { git, checkout, context, url } = setup(t)
  const one = git('rev-parse', 'HEAD')
  git('tag', 'plain')
  git('tag', '-a', 'annotated', '-m', 'x')
  writeTree(path.join(context.root, 'repository'), { 'setup.py': 'two' })
  git('commit', '-q', '-a', '-m', 'two')
  const two = git('rev-parse', 'HEAD')
  git('checkout', '-q', '-b', 'feature/x', one)
  writeTree(path.join(context.root, 'repository'), { 'setup.py': 'three' })
  git('commit', '-q', '-a', '-m', 'three')
  const three = git('rev-parse', 'HEAD')
  git('update-ref', 'refs/pull/1/head', three)
  git('checkout', '-q', 'main')
  git('branch', '-q', '-D', 'feature/x')
  git('branch', 'feature/y', two)
  const expected: Readonly<Record<string, string>> = {
    '': two,
    '@main': two,
    '@HEAD': two,
    '@plain': one,
    '@annotated': one,
    '@feature/y': two,
    [`@${one}`]: one,
    [`@${two.slice(0, 9)}`]: two,
    '@refs/pull/1/head': three,
  }
  for (const [revision, commit] of Object.entries(expected)) {
    const found = await checkout(`${url}${revision}`)
    assert.equal(found.commit, commit, revision)
    const content = fs.readFileSync(path.join(found.directory, 'setup.py'), 'utf8')
    assert.equal(content, commit === one ? 'one' : commit === two ? 'two' : 'three', revision)
    assert(found.shared)
  }
  const kept = fs.readdirSync(path.dirname((await checkout(url)).directory)).sort()
  assert.deepEqual(kept, [one, two, three].sort(), 'one checkout a commit, nothing else is left')
  await assert.rejects(checkout(`${url}@nothing`), (error) => isDenError(error, 'vcs-failed'))
  assert.equal(fs.readdirSync(path.dirname((await checkout(url)).directory)).length, 3)
})

test('git: a commit that is here is had without asking', { skip: noGit }, async (t) => {
  const { git, checkout, context, url, spawned } = setup(t)
  const commit = git('rev-parse', 'HEAD')
  await checkout(url)
  fs.rmSync(path.join(context.root, 'repository'), { recursive: true })
  const before = spawned.length
  assert.equal((await checkout(`${url}@${commit}`, { offline: true })).commit, commit)
  assert.equal(spawned.length, before)
  await assert.rejects(checkout(url, { offline: true }), (error) => isDenError(error, 'offline'))
  await assert.rejects(checkout(url), (error) => isDenError(error, 'vcs-failed'))
})

test('git: a subdirectory, and none of that name', { skip: noGit }, async (t) => {
  const { checkout, url } = setup(t)
  const found = await checkout(`${url}#subdirectory=inside`)
  assert.equal(fs.readFileSync(path.join(found.project, 'setup.py'), 'utf8'), 'in')
  await assert.rejects(checkout(`${url}#subdirectory=outside`), (error) => isDenError(error, 'invalid-link'))
})

test('git: a directory of one’s own is brought up to date, another repository in it is not touched', {
  skip: noGit,
}, async (t) => {
  const { git, checkout, context, url } = setup(t)
  const directory = path.join(context.root, 'src', 'app')
  const first = await checkout(url, { directory })
  assert.deepEqual([first.directory, first.shared], [directory, false])
  writeTree(path.join(context.root, 'repository'), { 'setup.py': 'two' })
  git('commit', '-q', '-a', '-m', 'two')
  assert.equal((await checkout(url, { directory })).commit, git('rev-parse', 'HEAD'))
  assert.equal(fs.readFileSync(path.join(directory, 'setup.py'), 'utf8'), 'two')
  const foreign = path.join(context.root, 'foreign')
  writeTree(foreign, { 'precious.txt': 'x' })
  await assert.rejects(checkout(url, { directory: foreign }), (error) => isDenError(error, 'vcs-failed'))
  assert.deepEqual(fs.readdirSync(foreign), ['precious.txt'])
})

test('git: a submodule may not reach files of this machine', { skip: noGit }, async (t) => {
  const { git, checkout, context, url } = setup(t)
  const secret = path.join(context.root, 'secret')
  writeTree(secret, { 'secret.txt': 'x' })
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '-m', 'x'],
  ])
    execFileSync('git', args, { cwd: secret })
  git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', secret, 'sub')
  git('commit', '-q', '-m', 'sub')
  await assert.rejects(
    checkout(url),
    (error) => isDenError(error, 'vcs-failed') && /submodule/.test(error.detail.operation),
  )
})

test('git: credentials reach the server, and neither the command line nor a message', { skip: noGit }, async (t) => {
  const { git, checkout, context, spawned } = setup(t)
  git('update-server-info')
  const seen: (string | undefined)[] = []
  const server = http.createServer((request, response) => {
    seen.push(request.headers.authorization)
    if (request.headers.authorization !== `Basic ${Buffer.from('me:s3cr%t').toString('base64')}`)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    const file = path.join(
      context.root,
      'repository',
      '.git',
      new URL(request.url!, 'http://x').pathname.slice('/app.git/'.length),
    )
    if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) return void response.writeHead(404).end()
    return void response.end(fs.readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const found = await checkout(`git+http://me:s3cr%25t@127.0.0.1:${port}/app.git`, { partialClone: false })
  assert.equal(found.commit, git('rev-parse', 'HEAD'))
  assert(seen.every((one) => one !== undefined))
  assert.doesNotMatch(JSON.stringify(spawned.map(({ args }) => args)), /s3cr/)
  assert.doesNotMatch(fs.readFileSync(path.join(found.directory, '.git', 'config'), 'utf8'), /s3cr|Basic/)
  await assert.rejects(
    checkout(`git+http://me:wrong-pass@127.0.0.1:${port}/app.git`, { partialClone: false }),
    (error) => {
      assert(isDenError(error, 'vcs-failed'))
      assert.doesNotMatch(JSON.stringify([error.message, error.detail, diagnose(error)]), /wrong-pass/)
      return true
    },
  )
  assert.doesNotMatch(JSON.stringify(context.events), /s3cr|wrong-pass/)
})

test('git: a password may hold a bare %, and is hidden all the same', { skip: noGit }, async (t) => {
  const { checkout } = setup(t)
  const server = http.createServer((_, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const failed = checkout(`git+http://user:100%sure@127.0.0.1:${port}/repository`)
  await assert.rejects(
    failed,
    (error) => isDenError(error, 'vcs-failed') && !JSON.stringify(diagnose(error)).includes('100%sure'),
  )
})

test('a program that is not there is named', async (t) => {
  const context = testContext(t, { env: { PATH: '/nowhere' } })
  const link = readLink(context.host, 'hg+https://example.org/a') as VcsLink
  await assert.rejects(checkoutVcs(context, link), (error) => isDenError(error, 'vcs-missing'))
})

test('hg: a revision, and what is left behind', { skip: has('hg') }, async (t) => {
  const context = testContext(t, { env: { PATH: process.env['PATH']! } })
  const repository = path.join(context.root, 'repository')
  writeTree(repository, { 'setup.py': 'one' })
  const hg = (...args: readonly string[]): string =>
    execFileSync('hg', args, {
      cwd: repository,
      encoding: 'utf8',
      env: { ...process.env, HGPLAIN: '1', HGUSER: 'a' },
    }).trim()
  hg('init')
  hg('add', '-q')
  hg('commit', '-m', 'one')
  const one = hg('log', '-r', 'tip', '--template={node}')
  writeTree(repository, { 'setup.py': 'two' })
  hg('commit', '-m', 'two')
  const read = async (revision: string): Promise<Checkout> =>
    await checkoutVcs(context, readLink(context.host, `hg+${pathToFileURL(repository).href}${revision}`) as VcsLink)
  const first = await read(`@${one.slice(0, 12)}`)
  assert.equal(first.commit, one)
  assert.equal(fs.readFileSync(path.join(first.directory, 'setup.py'), 'utf8'), 'one')
  first.release()
  const tip = await read('')
  assert.equal(tip.commit, hg('log', '-r', 'tip', '--template={node}'))
  tip.release()
  await assert.rejects(read('@nothing'), (error) => isDenError(error, 'vcs-failed'))
  assert.deepEqual(fs.readdirSync(path.join(context.places.cache, 'vcs-v1')), [])
})

test('svn: a revision, and what is left behind', { skip: has('svn') || has('svnadmin') }, async (t) => {
  const context = testContext(t, { env: { PATH: process.env['PATH']! } })
  const repository = path.join(context.root, 'repository')
  const work = path.join(context.root, 'work')
  const url = pathToFileURL(repository).href
  execFileSync('svnadmin', ['create', repository])
  execFileSync('svn', ['checkout', '-q', url, work])
  writeTree(work, { 'setup.py': 'one' })
  execFileSync('svn', ['add', '-q', 'setup.py'], { cwd: work })
  execFileSync('svn', ['commit', '-q', '-m', 'one'], { cwd: work })
  writeTree(work, { 'setup.py': 'two' })
  execFileSync('svn', ['commit', '-q', '-m', 'two'], { cwd: work })
  const read = async (revision: string): Promise<Checkout> =>
    await checkoutVcs(context, readLink(context.host, `svn+${url}${revision}`) as VcsLink)
  const first = await read('@1')
  assert.deepEqual([first.commit, fs.readFileSync(path.join(first.directory, 'setup.py'), 'utf8')], ['1', 'one'])
  first.release()
  const head = await read('')
  assert.equal(head.commit, '2')
  head.release()
  await assert.rejects(read('@99'), (error) => isDenError(error, 'vcs-failed'))
  assert.deepEqual(fs.readdirSync(path.join(context.places.cache, 'vcs-v1')), [])
})
