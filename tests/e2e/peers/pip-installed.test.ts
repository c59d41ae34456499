// What is installed, told by `den pip` and by pip itself about the same environment, byte for byte: distributions of every kind that
// installers have left behind, the peers' own environment, and the system's Python.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den } from '../../kit/den.ts'
import { distInfo, distutilsFile, editableUrl, eggDirectory, eggFile, eggInfo, eggLink } from '../../kit/installed.ts'
import { peerEnvironment, peerProgram, skipWithout } from '../../kit/oracle.ts'
import { scratch, type Tree, writeTree } from '../../kit/scratch.ts'

const skip = skipWithout(['pip'], 'agreement with pip about what is installed')

interface Told {
  readonly code: number | null | undefined
  readonly stdout: string
  readonly stderr: string
}

function askPip(python: string, args: readonly string[], cwd: string, bin = ''): Told {
  const env = {
    PATH: `${bin}${process.env['PATH']}`,
    HOME: cwd,
    PIP_CONFIG_FILE: '/dev/null',
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
  }
  const { status, stdout, stderr } = spawnSync(peerProgram('pip'), ['--python', python, ...args], {
    encoding: 'utf8',
    cwd,
    env,
  })
  return { code: status, stdout, stderr }
}

async function askDen(python: string, args: readonly string[], cwd: string, bin = ''): Promise<Told> {
  const env = { PATH: `${bin}${process.env['PATH']}`, HOME: cwd, PIP_CONFIG_FILE: '/dev/null' }
  return den(['pip', '--python', python, ...args], { cwd, env })
}

interface Comparison {
  readonly python: string
  readonly cwd: string
  /** Lines of pip's come as its directory gives them: compared in any order. */
  readonly sorted?: boolean
  /** Stands before PATH, with its colon. */
  readonly bin?: string
}

async function compare(args: readonly string[], { python, cwd, sorted, bin }: Comparison): Promise<Told> {
  const mine = await askDen(python, args, cwd, bin)
  const theirs = askPip(python, args, cwd, bin)
  const shape = (text: string): string => (sorted === true ? text.split('\n').sort().join('\n') : text)
  assert.equal(shape(mine.stdout), shape(theirs.stdout), `${args.join(' ')}\n${mine.stderr}`)
  assert.equal(mine.code, theirs.code, `${args.join(' ')}\n${mine.stderr}`)
  return mine
}

interface Inspected {
  readonly installed: readonly { readonly metadata_location: string }[]
}

async function compareInspect(args: readonly string[], { python, cwd }: Comparison): Promise<void> {
  const mine = await askDen(python, ['inspect', ...args], cwd)
  const theirs = askPip(python, ['inspect', ...args], cwd)
  assert.equal(mine.code, theirs.code)
  const read = (text: string): unknown => {
    const value = JSON.parse(text) as Inspected
    // pip has the order of the directory.
    return {
      ...value,
      installed: value.installed.toSorted((a, b) => (a.metadata_location < b.metadata_location ? -1 : 1)),
    }
  }
  assert.deepEqual(read(mine.stdout), read(theirs.stdout))
  // The same keys in the same order, with the same blanks.
  const frame = (text: string): string => text.replace(/"installed": \[[\s\S]*?\n {2}\],/, '"installed": [],')
  assert.equal(frame(mine.stdout), frame(theirs.stdout))
}

interface Place extends Comparison {
  readonly site: string
  readonly folder: string
}

/** An environment of the peers' Python, and a folder for sources beside it. */
function environment(t: TestContext): Place {
  const folder = scratch(t)
  return { ...peerEnvironment(path.join(folder, 'env')), folder, cwd: folder }
}

function git(directory: string, ...args: readonly string[]): string {
  const done = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd: directory,
    encoding: 'utf8',
  })
  assert.equal(done.status, 0, done.stderr)
  return done.stdout
}

/** One of everything. */
function zoo({ site, folder }: Place): void {
  const add = (...trees: readonly Tree[]): void => {
    for (const tree of trees) writeTree(site, tree)
  }
  const source = (name: string, more: Tree = {}): string => {
    const directory = path.join(folder, 'src', name)
    writeTree(directory, { 'pyproject.toml': `[project]\nname = "${name}"\nversion = "1"\n`, ...more })
    return directory
  }
  const inRepository = source('in_repo')
  const below = source('repo/below/inner')
  const plain = source('plain')
  const noRemote = source('no_remote')
  for (const directory of [inRepository, path.join(folder, 'src', 'repo'), noRemote]) {
    git(directory, 'init', '-q')
    git(directory, 'add', '.')
    git(directory, 'commit', '-qm', 'one')
  }
  git(inRepository, 'remote', 'add', 'upstream', 'https://example.org/up.git')
  git(inRepository, 'remote', 'add', 'origin', 'git@example.org:some/in_repo.git')
  git(path.join(folder, 'src', 'repo'), 'remote', 'add', 'origin', 'https://example.org/repo.git')
  const developed = source('developed', {
    'setup.py': '',
    'Developed.egg-info/PKG-INFO': 'Metadata-Version: 1.1\nName: Developed\nVersion: 0.3\n',
    'Developed.egg-info/requires.txt': 'six\n',
  })
  add(
    distInfo({
      name: 'Zoo.Animal',
      version: '1.0+local.1',
      headers: [
        'Summary: Ein Tier mit Ümläuten',
        'Home-page: https://example.org/zoo',
        'Author: Someone',
        'Author-email: some@example.org',
        'License: first line\n        second line\n          third',
        'Keywords: one, two,three',
        'Classifier: Programming Language :: Python',
        'Classifier: Topic :: Zoo',
        'Project-URL: Home Page, https://example.org/home',
        'Requires-Dist: six>=1.0',
        'Requires-Dist: Old_Egg; python_version > "3"',
        'Requires-Dist: never; python_version < "3"',
        'Requires-Dist: extra-only; extra == "more"',
        'Provides-Extra: more',
        'Requires-Python: >=3.6',
      ],
      description: '# Zoo\n\nWith a body.\n',
      requested: true,
      more: { 'entry_points.txt': '[console_scripts]\nzoo = zoo_animal:main\n' },
    }),
    distInfo({
      name: 'six',
      version: '0.9',
      headers: ['Project-URL: homepage, https://example.org/six', 'Keywords: a b  c'],
    }),
    distInfo({
      name: 'lonely',
      version: '2.0rc1',
      headers: ['Requires-Dist: not-there[x]>=2 ; python_version > "3"', 'License-Expression: MIT'],
      installer: 'uv',
    }),
    distInfo({ name: 'strange', version: '1', tag: 'cp27-cp27m-win32' }),
    distInfo({
      name: 'from-git',
      version: '1.0',
      directUrl: {
        url: 'https://example.org/g.git',
        vcs_info: { vcs: 'git', commit_id: 'a'.repeat(40), requested_revision: 'main' },
        subdirectory: 'sub',
      },
    }),
    distInfo({
      name: 'from-archive',
      version: '1.0',
      directUrl: { url: 'https://example.org/a.zip', archive_info: { hash: `sha256=${'b'.repeat(64)}` } },
    }),
    distInfo({ name: 'from-directory', version: '1.0', directUrl: { url: 'file:///somewhere', dir_info: {} } }),
    distInfo({ name: 'in_repo', version: '1', directUrl: editableUrl(inRepository) }),
    distInfo({ name: 'inner-one', version: '1', directUrl: editableUrl(below) }),
    distInfo({ name: 'plain', version: '1', directUrl: editableUrl(plain) }),
    distInfo({ name: 'no_remote', version: '1', directUrl: editableUrl(noRemote) }),
    distInfo({ name: 'broken-url', version: '1', more: { 'direct_url.json': '{"url": 1}' } }),
    distInfo({ name: 'built', version: '1', more: {} }),
    distInfo({ name: 'setuptools', version: '65.0' }),
    distInfo({ name: 'pip', version: '20.0' }),
    eggInfo(
      'Old_Egg',
      '1.2',
      'six\n\n[Test]\npytest>1\n\n[:python_version<"3"]\nfutures\n\n[b:python_version>"3"]\nthing\n',
    ),
    distutilsFile('dumb', '0.1'),
    eggDirectory('eggdir', '3.0'),
    eggFile('eggzip', '4.0'),
    eggLink('Developed', developed),
    { 'easy-install.pth': `./eggdir-3.0-py3.11.egg\n./eggzip-4.0-py3.11.egg\n${developed}\n` },
    { '~eftover-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: leftover\nVersion: 1.0\n' },
  )
  const wheel = path.join(site, 'built-1.dist-info', 'WHEEL')
  fs.appendFileSync(wheel, 'Build: 7local\n')
}

test('den pip tells what is installed in pip’s own words, whoever installed it', { skip }, async (t) => {
  const place = environment(t)
  await compare(['list'], place)
  await compare(['freeze'], place)
  await compare(['check'], place)
  zoo(place)
  for (const args of [
    ['list'],
    ['list', '-v'],
    ['list', '--format=json'],
    ['list', '--format', 'json', '-v'],
    ['list', '--format=freeze', '--verbose'],
    ['list', '--editable'],
    ['list', '--exclude-editable', '--exclude', 'six', '--exclude', 'Zoo_Animal'],
    ['list', '--not-required', '--local'],
    ['list', '--user'],
    ['list', '--path', place.site],
    ['list', '-q'],
    ['freeze'],
    ['freeze', '--all', '--exclude-editable'],
    ['freeze', '--exclude', 'six', '-l'],
    ['freeze', '--path', place.site],
    ['show', 'zoo-animal', 'SIX', 'nothing', 'lonely', 'in_repo'],
    ['show', '-v', 'zoo.animal', 'lonely', 'eggzip', 'Developed', 'dumb', 'old-egg'],
    ['show', '-f', 'Zoo.Animal', 'Old_Egg', 'dumb', 'eggdir'],
    ['show', 'nothing'],
    ['show'],
  ])
    await compare(args, place)
  await compare(['check'], { ...place, sorted: true })
  await compareInspect([], place)
  await compareInspect(['--local', '--path'].slice(0, 1), place)
  await compareInspect(['--path', place.site], place)
})

test('den pip freeze -r keeps the order, the comments and the options of files, as pip does', { skip }, async (t) => {
  const place = environment(t)
  zoo(place)
  writeTree(place.cwd, {
    'one.txt':
      '# a comment\n--index-url https://example.org/simple\n\nsix>=1 # why\nnot-there\nZoo.Animal\n-e git+https://example.org/x.git#egg=plain\n',
    'two.txt': 'six\n# a comment\n--extra-index-url=https://example.org/more\nlonely==1 ; python_version > "3"\ndumb\n',
  })
  const one = await compare(['freeze', '-r', 'one.txt'], place)
  assert.match(one.stderr, /not-there/)
  const two = await compare(['freeze', '-r', 'one.txt', '-r', 'two.txt'], place)
  assert.match(two.stderr, /included multiple times/)
})

test('den pip tells the same as pip of environments that real tools have made', { skip }, async (t) => {
  const cwd = scratch(t)
  const system = '/usr/bin/python3'
  const hasSystem = fs.existsSync(system)
  if (!hasSystem) t.diagnostic('NOT TESTED: the system’s own Python')
  for (const python of [peerProgram('python'), ...(hasSystem ? [system] : [])]) {
    for (const args of [['list'], ['list', '-v', '--format=json'], ['freeze', '--all'], ['list', '--not-required']]) {
      await compare(args, { python, cwd })
    }
    await compare(['check'], { python, cwd, sorted: true })
    await compareInspect([], { python, cwd })
    const names = (JSON.parse((await askDen(python, ['list', '--format=json'], cwd)).stdout) as { name: string }[]).map(
      ({ name }) => name,
    )
    await compare(['show', '-v', '-f', ...names], { python, cwd })
  }
})

const missing = ['git', 'hg', 'svn', 'svnadmin'].filter((name) => spawnSync(name, ['--version']).error !== undefined)
const clients = missing.length === 0 ? false : `${missing.join(' and ')} not there: their checkouts were not compared`

test('den pip freeze names checkouts of every system as pip does', { skip: skip || clients }, async (t) => {
  const place = environment(t)
  const { folder, site } = place
  const call = (cwd: string, command: string, ...args: readonly string[]): string => {
    const done = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, HGUSER: 'a', HGPLAIN: '1' } })
    assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stderr}`)
    return done.stdout
  }
  const source = (name: string): string => {
    const directory = path.join(folder, 'src', name)
    writeTree(directory, { 'setup.py': '' })
    return directory
  }
  const hg = (cwd: string, ...args: readonly string[]): string => call(cwd, 'hg', ...args)
  const commit = (directory: string): string => {
    hg(directory, 'init')
    hg(directory, 'add', '-q')
    hg(directory, 'commit', '-qm', 'one')
    return directory
  }
  const origin = commit(source('hg-origin'))
  writeTree(origin, { 'below/setup.py': '' })
  hg(origin, 'add', '-q')
  hg(origin, 'commit', '-qm', 'two')
  hg(folder, 'clone', '-q', origin, 'src/hg-clone')
  hg(folder, 'clone', '-q', '-r', '0', origin, 'src/hg-old')
  const remote = commit(source('hg-remote'))
  fs.writeFileSync(
    path.join(remote, '.hg/hgrc'),
    '[ui]\ndefault = x\n[paths]\n# default = y\ndefault = https://example.org/hg\n',
  )
  const relative = commit(source('hg-relative'))
  fs.writeFileSync(path.join(relative, '.hg/hgrc'), '[paths]\ndefault = ../hg-origin\n')
  const lonely = commit(source('hg-lonely'))
  const empty = source('hg-empty')
  hg(empty, 'init')
  fs.writeFileSync(path.join(empty, '.hg/hgrc'), '[paths]\ndefault = https://example.org/empty\n')
  const served = path.join(folder, 'served')
  call(folder, 'svnadmin', 'create', served)
  const trunk = path.join(folder, 'src', 'svn trunk')
  call(folder, 'svn', 'checkout', '-q', `file://${served}`, trunk)
  writeTree(trunk, { 'setup.py': '', 'one & two/setup.py': '' })
  call(trunk, 'svn', 'add', '-q', 'setup.py', 'one & two')
  call(trunk, 'svn', 'commit', '-qm', 'one')
  call(trunk, 'svn', 'update', '-q')
  writeTree(trunk, { 'setup.py': '# two' })
  call(trunk, 'svn', 'commit', '-qm', 'two')

  // A repository of one system in that of another: the innermost counts.
  const inGit = source('git-around')
  git(inGit, 'init', '-q')
  const inner = path.join(inGit, 'inner')
  writeTree(inner, { 'setup.py': '' })
  commit(inner)
  fs.writeFileSync(path.join(inner, '.hg/hgrc'), '[paths]\ndefault = https://example.org/inner\n')
  const plainGit = source('git-plain')
  git(plainGit, 'init', '-q')
  git(plainGit, 'add', '.')
  git(plainGit, 'commit', '-qm', 'one')
  git(plainGit, 'remote', 'add', 'origin', 'git://example.org/plain.git')
  const bazaar = source('bzr-branch')
  writeTree(bazaar, { '.bzr/README': '' })

  const editable = (name: string, directory: string): void =>
    writeTree(site, distInfo({ name, version: '1', directUrl: editableUrl(directory) }))
  editable('hg-clone', path.join(folder, 'src/hg-clone'))
  editable('hg-below', path.join(folder, 'src/hg-clone/below'))
  editable('hg-old', path.join(folder, 'src/hg-old'))
  editable('hg-remote', remote)
  editable('hg-lonely', lonely)
  editable('hg-empty', empty)
  editable('svn-trunk', trunk)
  editable('svn-below', path.join(trunk, 'one & two'))
  editable('git-inner', inner)
  editable('git-plain', plainGit)
  editable('bzr-branch', bazaar)
  const told = await compare(['freeze'], place)
  assert.match(told.stdout, /^-e hg\+https:\/\/example\.org\/hg@[0-9a-f]{40}#egg=hg_remote$/m)
  assert.match(told.stdout, /^-e svn\+file:.*@1#egg=svn_trunk$/m)
  // No client of Bazaar is to be had everywhere; what it says is known.
  const bin = path.join(folder, 'bin')
  for (const says of [
    '  parent branch: https://example.org/branch',
    '  checkout of branch: /srv/branch',
    '  nothing',
  ]) {
    writeTree(bin, {
      bzr: `#!/bin/sh\ncase $1 in info) echo 'Standalone tree'; echo '${says}';; revno) echo 7;; esac\n`,
    })
    fs.chmodSync(path.join(bin, 'bzr'), 0o755)
    await compare(['freeze'], { ...place, bin: `${bin}:` })
  }
  // Here pip prints `hg+../hg-origin`, which nothing can install.
  editable('hg-relative', relative)
  // Mercurial's second format of the same file, which not every hg writes.
  const dirstate = path.join(remote, '.hg/dirstate')
  const node = fs.readFileSync(dirstate).subarray(0, 20)
  fs.writeFileSync(dirstate, Buffer.concat([Buffer.from('dirstate-v2\n'), node, Buffer.alloc(200)]))
  const again = await askDen(place.python, ['freeze'], place.cwd)
  assert.ok(
    again.stdout.includes(`-e hg+file://${origin}@`) && again.stdout.includes('#egg=hg_relative\n'),
    again.stdout,
  )
  assert.ok(again.stdout.includes(`-e hg+https://example.org/hg@${node.toString('hex')}#egg=hg_remote`), again.stdout)
})
