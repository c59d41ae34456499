import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { fakeHost } from '../../tests/kit/fake-host.ts'
import { indexFile, type WrittenPackage, writtenAnswer } from '../../tests/kit/lock-answer.ts'
import type { ExtraName } from '../base/brand.ts'
import { type DenError, diagnose, isDenError } from '../base/error.ts'
import type { MarkerEnvironment } from '../spec/marker.ts'
import { parsePylock } from '../spec/pylock.ts'
import { formatPylock } from '../spec/pylock-write.ts'
import { formatRequirement, parseRequirement } from '../spec/requirement.ts'
import { rankTags } from '../spec/tag.ts'
import { canonicalAddresses } from './lock-addresses.ts'
import { directoryFingerprint } from './lock-directories.ts'
import { rootsOfInputs } from './lock-inputs.ts'
import { findLock, type LockState, lockState, parseLock, preferencesOf } from './lock-read.ts'
import { type LockChoice, restrictLock, selectLocked } from './lock-select.ts'
import { lockOf, lockText } from './lock-write.ts'
import type { Manifest } from './manifest.ts'
import { readManifest } from './read-manifest.ts'

const environment: MarkerEnvironment = {
  implementation_name: 'cpython',
  implementation_version: '3.13.1',
  os_name: 'posix',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  platform_release: '6.1',
  platform_system: 'Linux',
  platform_version: '1',
  python_full_version: '3.13.1',
  python_version: '3.13',
  sys_platform: 'linux',
}

const project = `[project]
name = "app"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["web[fast]>=2", "old; python_version < '3.10'", "split"]
[project.optional-dependencies]
plot = ["draw>=1"]
[dependency-groups]
dev = ["check", {include-group = "docs"}]
docs = ["book"]
[build-system]
requires = ["hatchling"]
`

const universe: readonly WrittenPackage[] = [
  { name: 'web', version: '2.1', extras: ['fast'], requires: ['base>=1,<3', 'quick; extra == "fast"'] },
  { name: 'base', version: '2.0', requires: ['win; sys_platform == "win32"'], requiresPython: '>=3.8' },
  { name: 'win', version: '1', marker: 'sys_platform == "win32"' },
  { name: 'quick', version: '1.5' },
  { name: 'old', version: '0.9', marker: 'python_version < "3.10"' },
  { name: 'split', version: '1.0', marker: 'python_version < "3.12"' },
  { name: 'split', version: '2.0', marker: 'python_version >= "3.12"', requires: ['base'] },
  { name: 'draw', version: '1.1', marker: '"plot" in extras', requires: ['base'] },
  { name: 'check', version: '8.0', marker: '"dev" in dependency_groups', requires: ['web', 'plug'] },
  { name: 'plug', version: '3.0', marker: '"dev" in dependency_groups', requires: ['check'] },
  {
    name: 'book',
    version: '4.0',
    marker: '"dev" in dependency_groups or "docs" in dependency_groups',
    requires: ['split', 'win; sys_platform == "win32"'],
  },
]

function read(text: string): Manifest {
  return readManifest(fakeHost({ files: { '/p/pyproject.toml': text }, cwd: '/p' }), '/p/pyproject.toml')
}

function textOf(manifest: Manifest = read(project), written = universe): string {
  return lockText(lockOf({ manifest, result: writtenAnswer(manifest, written), path: path.posix }))
}

const file = '/p/pylock.toml'

function reasons(state: LockState): readonly string[] {
  return state === 'current' ? [] : state.because
}

describe('a lock as text', () => {
  const text = textOf()

  test('is what it reads back as', () => {
    const lock = parsePylock(text)
    const { lock: again, written } = parseLock(text, file)
    assert.equal(written, 'den')
    assert.deepEqual(again, lock)
    assert.equal(formatPylock(lock).replace(/^digest = .*\n/m, ''), text.replace(/^digest = .*\n/m, ''))
  })

  test('says who asks what of whom, with the extra it is asked for', () => {
    assert.match(
      text,
      /name = "web"\nversion = "2.1"\ndependencies = \[\n {2}\{name = "base"\},\n {2}\{name = "quick"\},\n\]/,
    )
    assert.match(text, /requires = \[\n {2}"base<3,>=1",\n {2}'quick; extra == "fast"',\n\]/)
    // A name that stands for two says which.
    assert.match(
      text,
      /name = "book"[\s\S]*?\{name = "split", version = "1\.0"\},\n {2}\{name = "split", version = "2\.0"\}/,
    )
    // The project itself is told by the notes alone: pip takes no lock with a directory in it.
    assert.doesNotMatch(text, /directory =/)
    assert.match(text, /\[tool\.den\.inputs\]\nname = "app"\npackage = true\n/)
  })

  test('is read by its lines as the parser reads it', () => {
    const odd = universe.map((one, at) => ({
      ...one,
      files: [
        indexFile(`${one.name}-${one.version}.tar.gz`, at % 2 === 0 ? { url: 'https://files.example.org/a?b#c' } : {}),
        indexFile(`${one.name}-${one.version}-py3-none-any.whl`, { hashes: { sha256: 'AB', sha512: 'cd', md5: 'ef' } }),
        indexFile(`${one.name}-${one.version}-1-cp313-cp313-manylinux_2_17_x86_64.whl`),
      ],
    }))
    const link = {
      name: 'lib',
      version: '1',
      link: { directUrl: { url: 'file:///p/lib', dir_info: {} }, editable: true },
    }
    const commit = { vcs: 'git', commit_id: 'ab'.repeat(20) }
    const vcs = {
      name: 'code',
      version: '2',
      link: { directUrl: { url: 'https://g.example.org/x', vcs_info: commit }, editable: false },
    }
    for (const written of [universe, odd, [...odd, link, vcs], [link], []]) {
      const text = textOf(read(project), written)
      assert.deepEqual(parseLock(text, file).lock, parsePylock(text))
      assert.deepEqual(parseLock(text.replaceAll('\n', '\r\n'), file).lock, parsePylock(text))
    }
  })

  test('changes by few lines where one package changes', () => {
    const changed = textOf(
      read(project),
      universe.map((one) => (one.name === 'quick' ? { ...one, version: '1.6' } : one)),
    )
    const before = new Set(text.split('\n'))
    const lines = changed.split('\n').filter((line) => !before.has(line))
    assert.deepEqual(
      lines.map((line) => line.replace(/[0-9a-f]{64}/, '…').slice(0, 24)),
      ['version = "1.6"', '  {upload-time = 2025-01', 'digest = "sha256:…"'],
    )
  })

  test('is the same whatever order things came in', () => {
    assert.equal(textOf(read(project), [...universe].reverse()), text)
  })
})

describe('lockState()', () => {
  const lock = parseLock(textOf(), file)
  const state = (text: string): readonly string[] => reasons(lockState(read(text), lock))

  test('is current for the manifest it was made from, in any order and spelling', () => {
    assert.equal(lockState(read(project), lock), 'current')
    assert.deepEqual(
      state(
        project.replace(
          '"web[fast]>=2", "old; python_version < \'3.10\'"',
          '"Old ; python_version<\'3.10\'", "Web[FAST] >= 2"',
        ),
      ),
      [],
    )
    assert.equal(lockState(read(project), parseLock(lock.text.replaceAll('\n', '\r\n'), file)), 'current')
  })

  test('is current as time goes by, where an age was said', () => {
    const at = (now: number): Manifest => {
      const files = { '/p/pyproject.toml': `${project}[tool.den]\nexclude-newer = "1 week"\n` }
      return readManifest(fakeHost({ files, cwd: '/p', now: () => now }), '/p/pyproject.toml')
    }
    const week = 7 * 24 * 60 * 60 * 1000
    const aged = parseLock(textOf(at(2 * week)), file)
    assert.equal(lockState(at(3 * week), aged), 'current')
    assert.deepEqual(reasons(lockState(read(project), aged)), [
      'exclude-newer was 168 hours ago and is not given any more',
    ])
  })

  test('looks at the directories that the lock names', () => {
    const text = `${project.replace('"split"]', '"split", "lib"]')}[tool.den.sources]\nlib = { path = "../lib" }\n`
    const lib = (dependencies: string, more = ''): string =>
      `[project]\nname = "lib"\nversion = "1"\ndependencies = [${dependencies}]\n${more}`
    const at = (beside: string) => {
      const files = { '/p/pyproject.toml': text, '/lib/pyproject.toml': beside }
      return fakeHost({ files: { ...files, '/p/pylock.toml': written }, cwd: '/p' })
    }
    let written = ''
    const before = at(lib('"a>=1", "b"'))
    const manifest = readManifest(before, '/p/pyproject.toml')
    const link = { directUrl: { url: 'file:///lib', dir_info: {} }, editable: true }
    const result = writtenAnswer(manifest, [...universe, { name: 'lib', version: '1', link }])
    const fingerprint = (directory: string): string => directoryFingerprint(before, directory)
    written = lockText(lockOf({ manifest, result, path: path.posix, fingerprint }))
    assert.match(written, /\[tool\.den\.directories\]\n"\.\.\/lib" = "sha256:[0-9a-f]{64}"\n/)
    const stateWith = (beside: string): readonly string[] => reasons(lockState(manifest, findLock(at(beside), '/p')))
    assert.deepEqual(stateWith(lib('"B", "a >= 1"', '[tool.x]\n')), [])
    assert.deepEqual(stateWith(lib('"a>=2", "b"')), ['../lib needs something else by now'])
    assert.deepEqual(stateWith('broken = ['), ['../lib needs something else by now'])
  })

  test('looks at what a backend tells the requirements from, and asks nobody', () => {
    const dynamic = `[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "mine"
version = "1"
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = ["needs/main.in"] }
`
    const at = (pyproject: string, files: Readonly<Record<string, string>>) =>
      fakeHost({
        files: { '/p/pyproject.toml': pyproject, '/p/pylock.toml': written, '/p/needs/main.in': 'web', ...files },
        cwd: '/p',
      })
    let written = ''
    const before = at(dynamic, {})
    const manifest = readManifest(before, '/p/pyproject.toml')
    const told = {
      ...manifest,
      dependencies: [parseRequirement('web>=2')],
      extras: new Map([['fast' as ExtraName, [parseRequirement('more')]]]),
    }
    const fingerprint = (directory: string): string => directoryFingerprint(before, directory)
    written = lockText(lockOf({ manifest: told, result: writtenAnswer(told, universe), path: path.posix, fingerprint }))
    const read = findLock(at(dynamic, {}), '/p')!
    assert.deepEqual(read.lock!.extras, ['fast'])
    assert.deepEqual(
      rootsOfInputs(read.inputs!).map(({ requirement, extra }) => [formatRequirement(requirement), extra]),
      [
        ['web>=2', undefined],
        ['more', 'fast'],
      ],
    )
    const stateWith = (pyproject: string, files: Readonly<Record<string, string>> = {}): readonly string[] => {
      const host = at(pyproject, files)
      return reasons(lockState(readManifest(host, '/p/pyproject.toml'), findLock(host, '/p')))
    }
    const changed = ['what the build backend tells the requirements from has changed']
    assert.deepEqual(stateWith(dynamic), [])
    assert.deepEqual(
      stateWith(`${dynamic}[tool.ruff]\nline-length = 90\n`.replace('version = "1"', 'version = "2"')),
      [],
    )
    assert.deepEqual(stateWith(dynamic, { '/p/needs/main.in': 'web<3' }), changed)
    assert.deepEqual(stateWith(dynamic, { '/p/requirements.txt': 'web' }), changed)
    assert.deepEqual(stateWith(dynamic, { '/p/setup.cfg': '[options]\n' }), changed)
    assert.deepEqual(stateWith(dynamic.replace('needs/main.in', 'needs/other.in')), changed)
    assert.deepEqual(stateWith(dynamic.replace(', "optional-dependencies"', '')), [
      'which requirements the build backend tells changed',
      'the extra fast is not there any more',
      ...changed,
    ])
  })

  test('fingerprints what may tell a backend: files that its words name, and its own where it lies in the tree', () => {
    const of = (pyproject: string, files: Readonly<Record<string, string>>): string =>
      directoryFingerprint(fakeHost({ files: { '/p/pyproject.toml': pyproject, ...files }, cwd: '/p' }), '/p')
    const own = '[build-system]\nrequires = []\nbuild-backend = "own.back:it"\nbackend-path = ["tools"]\n'
    for (const [pyproject, file, text] of [
      [own, '/p/tools/own/back.py', ''],
      ['[project]\nname = "a"\nversion = "1"\ndynamic = ["dependencies"]\n', '/p/hatch_build.py', ''],
      ['[tool.hatch.metadata.hooks.x]\nfiles = ["a b.txt"]\n', '/p/a b.txt', ''],
      ['', '/p/needs.in', 'install_requires = file: other, needs.in'],
      ['', '/p/more/needs.txt', "open('more/needs.txt')"],
    ] as const) {
      const beside = { '/p/setup.cfg': text.startsWith('inst') ? text : '', '/p/setup.py': text }
      assert.notEqual(of(pyproject, { ...beside, [file]: 'a' }), of(pyproject, { ...beside, [file]: 'b' }), file)
      assert.equal(of(pyproject, { ...beside, '/p/else.txt': 'a' }), of(pyproject, beside), file)
    }
  })

  test('says what has changed', () => {
    assert.deepEqual(state(project.replace('>=2"', '>=3"').replace(', "split"', ', "more"')), [
      'split is not asked for any more',
      'web[fast]>=2 is now web[fast]>=3',
      'more is new',
    ])
    assert.deepEqual(state(project.replace('"book"', '"book<5"')), [
      'book is now book<5 (group dev)',
      'book is now book<5 (group docs)',
    ])
    assert.deepEqual(state(project.replace('plot = ["draw>=1"]', 'chart = []')), [
      'the extra plot is not there any more',
      'the extra chart is new',
    ])
    assert.deepEqual(state(project.replace('>=3.9', '>=3.10')), ['requires-python was >=3.9 and is now >=3.10'])
    assert.deepEqual(state(`${project}[tool.den]\nconstraint-dependencies = ["base<2"]\n`), [
      'the constraint base<2 is new',
    ])
    assert.deepEqual(state(`${project}[tool.den]\nprerelease = "allow"\n`), ['prereleases is now allow'])
    assert.deepEqual(state(project.replace('[build-system]\nrequires = ["hatchling"]\n', '')), [
      'whether the project itself is installed changed',
    ])
  })

  test('notices other hands', () => {
    const edited = parseLock(lock.text.replace('version = "1.5"', 'version = "1.5"\n# mine'), file)
    assert.equal(edited.written, 'edited')
    assert.deepEqual(reasons(lockState(read(project), edited)), [
      'it was changed since den wrote it, by hand or by a merge',
    ])
    const other = parseLock(formatPylock({ ...lock.lock!, tool: {} }), file)
    assert.equal(other.written, 'other')
    assert.match(reasons(lockState(read(project), other))[0]!, /another tool/)
    const newer = parseLock(lock.text.replace('\nversion = 1\n', '\nversion = 2\n'), file)
    assert.match(reasons(lockState(read(project), newer))[0]!, /newer den/)
    assert.deepEqual(reasons(lockState(read(project), undefined)), ['there is no lock yet'])
  })
})

describe('a lock with the marks of a merge', () => {
  const ours = textOf()
  const theirs = textOf(
    read(project),
    universe.map((one) => (one.name === 'quick' ? { ...one, version: '1.6' } : one)),
  )

  /** As git writes it, each run of lines that differ for itself. */
  function merged(base: boolean): string {
    const [left, right] = [ours.split('\n'), theirs.split('\n')]
    assert.equal(left.length, right.length)
    const lines = left.flatMap((line, at) =>
      line === right[at]
        ? [line]
        : [
            '<<<<<<< HEAD',
            line,
            ...(base ? ['||||||| 1234', 'version = "1.0"'] : []),
            '=======',
            right[at]!,
            '>>>>>>> theirs',
          ],
    )
    return lines.join('\n')
  }

  test('is read as both sides', () => {
    for (const text of [merged(false), merged(true), merged(true).replaceAll('\n', '\r\n')]) {
      const lock = parseLock(text, file)
      assert.equal(lock.written, 'merging')
      assert.deepEqual(
        preferencesOf(lock)
          .get('quick' as never)
          ?.map(({ version }) => version.text),
        ['1.6', '1.5'],
      )
      assert.equal(preferencesOf(lock).get('split' as never)?.length, 2)
      assert.match(reasons(lockState(read(project), lock))[0]!, /merge/)
      assert.throws(
        () => select(lock, {}),
        (error) => isDenError(error, 'lock-file-mismatch'),
      )
    }
  })

  test('gives its pins where neither side is TOML any more', () => {
    const lock = parseLock(merged(false).replace('created-by = "den"', 'created-by = den'), file)
    assert.equal(lock.lock, undefined)
    assert.deepEqual(
      preferencesOf(lock)
        .get('split' as never)
        ?.map(({ version, marker }) => `${version.text} ${marker?.text}`),
      ['2.0 python_version >= "3.12"', '1.0 python_version < "3.12"'],
    )
  })
})

function select(
  lock = parseLock(textOf(), file),
  choice: LockChoice,
  markers: Partial<MarkerEnvironment> = {},
): string {
  const ranks = rankTags(['py3-none-any'])
  return selectLocked(lock, { manifest: read(project), ...choice, markers: { ...environment, ...markers }, ranks })
    .map(({ package: one }) => `${one.name}${one.version === undefined ? '' : ` ${one.version.text}`}`)
    .join(', ')
}

describe('selectLocked()', () => {
  const lock = parseLock(textOf(), file)

  test('takes what the environment, extras and groups ask for', () => {
    assert.equal(select(lock, {}), 'base 2.0, quick 1.5, split 2.0, web 2.1, app 1.0')
    assert.equal(select(lock, { extras: ['Plot'] }), 'base 2.0, draw 1.1, quick 1.5, split 2.0, web 2.1, app 1.0')
    assert.equal(
      select(lock, { groups: ['docs'], noProject: true }),
      'base 2.0, book 4.0, quick 1.5, split 2.0, web 2.1',
    )
    const old = { python_version: '3.9', python_full_version: '3.9.2', sys_platform: 'win32' }
    assert.equal(select(lock, {}, old), 'base 2.0, old 0.9, quick 1.5, split 1.0, web 2.1, win 1, app 1.0')
  })

  test('takes groups alone with what they need, and the extras that they ask for themselves', () => {
    assert.equal(select(lock, { groups: ['docs'], onlyGroups: true }), 'base 2.0, book 4.0, split 2.0')
    // web is asked for without its extra there.
    assert.equal(
      select(lock, { groups: ['dev'], onlyGroups: true }),
      'base 2.0, book 4.0, check 8.0, plug 3.0, split 2.0, web 2.1',
    )
    const old = { python_version: '3.9', python_full_version: '3.9.2' }
    assert.equal(select(lock, { groups: ['docs'], onlyGroups: true }, old), 'book 4.0, split 1.0')
  })

  test('refuses what the lock does not know, and what excludes each other', () => {
    const refused = (choice: LockChoice, reason: RegExp, from = lock): void =>
      assert.throws(
        () => select(from, choice),
        (error) => isDenError(error, 'lock-file-mismatch') && reason.test(error.detail.reason),
      )
    const fixOf = (choice: LockChoice, from: typeof lock): readonly string[] => {
      try {
        select(from, choice)
      } catch (error) {
        return diagnose(error as DenError).fix
      }
      return []
    }
    refused({ extras: ['none'] }, /no extra none/)
    refused({ groups: ['none'] }, /no dependency group none/)
    const manifest = read(`${project}[tool.den]\nconflicts = [[{extra = "plot"}, {group = "dev"}]]\n`)
    const exclusive = parseLock(textOf(manifest), file)
    refused({ extras: ['plot'], groups: ['dev'] }, /extra plot and group dev exclude each other/, exclusive)
    assert.deepEqual(fixOf({ extras: ['plot'], groups: ['dev'] }, exclusive), ['leave out all of them but one'])
    assert.match(fixOf({ extras: ['none'] }, lock)[0]!, /^use an environment/)
    assert.match(select(exclusive, { extras: ['plot'] }), /draw/)
  })

  test('takes a lock of another tool, by the standard’s own words', () => {
    const other = parseLock(
      formatPylock({ ...lock.lock!, tool: {}, packages: lock.lock!.packages.map(({ tool: _, ...one }) => one) }),
      file,
    )
    assert.equal(
      select(other, { groups: ['dev'] }),
      'base 2.0, book 4.0, check 8.0, plug 3.0, quick 1.5, split 2.0, web 2.1, app 1.0',
    )
  })

  test('takes the project where its manifest says that it is a package, whatever the lock has of it', () => {
    const ranks = rankTags(['py3-none-any'])
    const names = (manifest: ReturnType<typeof read> | undefined, choice: LockChoice = {}, from = lock): string[] =>
      selectLocked(from, { ...(manifest === undefined ? {} : { manifest }), ...choice, markers: environment, ranks })
        .map(({ package: { name } }) => name)
        .filter((name) => name === 'app')
    assert.deepEqual(names(read(project)), ['app'])
    assert.deepEqual(names(undefined), [])
    assert.deepEqual(names({ ...read(project), isPackage: false }), [])
    assert.deepEqual(names(read(project), { without: new Set(['app' as never]) }), [])
    const here = { name: 'app' as never, directory: { path: '.', editable: true } }
    const other = parseLock(formatPylock({ ...lock.lock!, tool: {}, packages: [...lock.lock!.packages, here] }), file)
    assert.deepEqual(names(read(project), {}, other), ['app'])
    assert.deepEqual(names(read(project), { noProject: true }, other), [])
  })
})

describe('restrictLock()', () => {
  const lock = parseLock(textOf(), file)
  const shown = (choice: LockChoice): readonly string[] =>
    restrictLock(lock, choice).packages.map(
      ({ name, version, marker }) => `${name} ${version?.text}${marker === undefined ? '' : `; ${marker.text}`}`,
    )

  test('settles extras and groups, and leaves what asks of the environment', () => {
    assert.deepEqual(shown({ noProject: true }), [
      'base 2.0',
      'old 0.9; python_version < "3.10"',
      'quick 1.5',
      'split 1.0; python_version < "3.12"',
      'split 2.0; python_version >= "3.12"',
      'web 2.1',
      'win 1; sys_platform == "win32"',
    ])
    assert.ok(shown({ extras: ['plot'] }).includes('draw 1.1'))
    assert.doesNotMatch(formatPylock(restrictLock(lock, { groups: ['dev'] })), /dependency_groups|in extras|tool\.den/)
  })

  test('of groups alone says where each is needed', () => {
    assert.deepEqual(shown({ groups: ['docs'], onlyGroups: true }), [
      'base 2.0; python_version >= "3.12"',
      'book 4.0',
      'split 1.0; python_version < "3.12"',
      'split 2.0; python_version >= "3.12"',
      'win 1; sys_platform == "win32"',
    ])
  })
})

describe('addresses in a lock', () => {
  const mirror = 'https://user:secret@mirror.example.org/pypi/simple/'
  const hash = '12'.repeat(30)

  test('are the public index’s where a mirror stands in for it', () => {
    const addresses = canonicalAddresses({ mirror })
    const found = 'https://mirror.example.org/pypi/simple/'
    assert.match(addresses.index(found)!, /^https:\/\/pypi\.org\//)
    assert.equal(canonicalAddresses({}).index(found), found)
    assert.equal(addresses.index('/some/place'), undefined)
    const url = `https://user:secret@mirror.example.org/pypi/packages/ab/cd/${hash}/a-1-py3-none-any.whl`
    assert.match(
      addresses.file(url, found),
      new RegExp(`^https://[a-z.]+/packages/ab/cd/${hash}/a-1-py3-none-any.whl$`),
    )
    assert.doesNotMatch(addresses.file(url, found), /mirror/)
    assert.equal(
      addresses.file('https://mirror.example.org/a-1-py3-none-any.whl', found),
      'https://mirror.example.org/a-1-py3-none-any.whl',
    )
  })

  test('hold no credentials', () => {
    const manifest = read(
      `${project}[[tool.den.index]]\nname = "own"\nurl = "https://user:secret@own.example.org/simple"\n`,
    )
    const own = (url: string): WrittenPackage[] =>
      universe.map((one) => ({
        ...one,
        files: [
          indexFile(`${one.name}-${one.version}.tar.gz`, {
            url,
            foundAt: 'https://user:secret@own.example.org/simple/',
          }),
        ],
      }))
    const text = textOf(manifest, own('https://user:secret@own.example.org/files/x.tar.gz'))
    assert.doesNotMatch(text, /secret/)
    assert.match(text, /index = "https:\/\/own\.example\.org\/simple\/"/)
    assert.match(text, /name = "web-2\.1\.tar\.gz"/)
    assert.equal(lockState(manifest, parseLock(text, file)), 'current')
  })
})
