import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { testContext } from '../../tests/kit/context.ts'
import { writeTree } from '../../tests/kit/scratch.ts'
import { isDenError } from '../base/error.ts'
import { revealUrl } from '../base/safe-url.ts'
import { type ArchiveLink, type Link, readLink, type VcsLink } from './link.ts'

const setup = (t: Parameters<typeof testContext>[0]) => {
  const context = testContext(t)
  writeTree(context.root, { 'project/setup.py': '', 'app-1.0.tar.gz': '', 'app-1.0-py3-none-any.whl': '', 'x.txt': '' })
  return { root: context.root, read: (text: string): Link => readLink(context.host, text) }
}

test('readLink() knows archives, wheels and directories, by path and by address', (t) => {
  const { root, read } = setup(t)
  assert.deepEqual(read('./project'), {
    kind: 'directory',
    path: path.join(root, 'project'),
    shown: './project',
    extras: [],
  })
  const address = pathToFileURL(path.join(root, 'app-1.0.tar.gz')).href
  assert.deepEqual(read(`${address}#egg=App[x, y]&subdirectory=./in/side/&sha256=ABCD`), {
    kind: 'archive',
    place: { kind: 'path', path: path.join(root, 'app-1.0.tar.gz') },
    filename: 'app-1.0.tar.gz',
    shown: `${address}#egg=App[x, y]&subdirectory=./in/side/&sha256=ABCD`,
    egg: 'app',
    extras: ['x', 'y'],
    subdirectory: 'in/side',
    hashes: { sha256: 'abcd' },
  })
  const wheel = read('app-1.0-py3-none-any.whl')
  assert(wheel.kind === 'archive' && wheel.wheel?.version.text === '1.0')
  const remote = read('https://me:secret@example.org/a/app-2.0-py3-none-any.whl?x=1#sha256=00')
  assert(remote.kind === 'archive' && remote.place.kind === 'url')
  assert.equal(remote.filename, 'app-2.0-py3-none-any.whl')
  assert.doesNotMatch(JSON.stringify(remote), /secret/)
  assert.equal((read('https://example.org/zipball/main/') as ArchiveLink).filename, 'main')
  assert.match(revealUrl(remote.place.url), /secret/)
})

test('readLink() knows repositories as pip spells them', (t) => {
  const { read } = setup(t)
  const facts = (text: string): readonly unknown[] => {
    const link = read(text) as VcsLink
    return [link.vcs, revealUrl(link.url), link.revision, link.subdirectory, link.egg]
  }
  assert.deepEqual(facts('git+https://example.org/a/b.git@v1.0#egg=b&subdirectory=c'), [
    'git',
    'https://example.org/a/b.git',
    'v1.0',
    'c',
    'b',
  ])
  assert.deepEqual(facts('git+ssh://git@example.org/a/b.git@feature/x%20y').slice(0, 3), [
    'git',
    'ssh://git@example.org/a/b.git',
    'feature/x y',
  ])
  assert.deepEqual(facts('git+https://me:p%40ss@example.org/a').slice(0, 3), [
    'git',
    'https://me:p%40ss@example.org/a',
    undefined,
  ])
  assert.deepEqual(facts('git+file:///srv/a@b@c').slice(0, 3), ['git', 'file:///srv/a@b', 'c'])
  assert.deepEqual(facts('hg+http://example.org/a@tip').slice(0, 3), ['hg', 'http://example.org/a', 'tip'])
  assert.deepEqual(facts('svn+ssh://me@example.org/a@12').slice(0, 3), ['svn', 'svn+ssh://me@example.org/a', '12'])
  assert.deepEqual(facts('bzr+lp:///a').slice(0, 2), ['bzr', 'lp:///a'])
  assert.deepEqual(facts('bzr+lp:~me/a').slice(0, 2), ['bzr', 'lp:~me/a'])
  assert.equal((read('git+ssh://git@example.org/a') as VcsLink).shown, 'git+ssh://git@example.org/a')
  assert.equal((read('git+https://token@example.org/a') as VcsLink).shown, 'git+https://****@example.org/a')
})

test('readLink() refuses what a program could take for an option, what runs programs, and what leaves its place', (t) => {
  const { read } = setup(t)
  for (const text of [
    'git+https://example.org/a@--upload-pack=x',
    'git+https://example.org/a@-x',
    'git+https://example.org/a@%2D-x',
    'git+https://example.org/a@x%0Ay',
    'git+ssh://-oProxyCommand=x/a',
    'git+ssh://git@-oProxyCommand=x/a',
    'hg+ssh://-oProxyCommand=x/a',
    'git+ext::sh -c x',
    'git+ext://sh',
    'git+git@example.org:a/b',
    'git+https:example.org',
    'git+https://example.org/a@',
    'svn+lp://a',
    'bzr+lp:-x',
    'git+https://example.org/a#subdirectory=../x',
    'git+https://example.org/a#subdirectory=/x',
    'git+https://example.org/a#subdirectory=a%2F..%2F..',
    'git+https://example.org/a#egg=-r',
    'git+https://example.org/a#sha256=00',
    'https://example.org/',
    'https://example.org/..%2Fx.whl',
    'https://example.org/x.whl',
    'ftp://example.org/a.zip',
    'gopher://example.org/a.zip',
    'x.txt',
    'file://elsewhere/a.zip',
  ])
    assert.throws(
      () => read(text),
      (error) => isDenError(error, 'invalid-link'),
      text,
    )
  assert.throws(
    () => read('./nothing'),
    (error) => isDenError(error, 'link-not-found'),
  )
  assert.throws(
    () => read('git+https://me:secret@example.org/a@-x'),
    (error) => isDenError(error) && !/secret/.test(JSON.stringify([error.message, error.detail])),
  )
})
