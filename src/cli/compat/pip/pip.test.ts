import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../../base/error.ts'
import { additionalCommands, additionalOptions } from './additions.ts'
import { pipCandidates } from './complete.ts'
import { formatSize } from './format-size.ts'
import { type PipOption, pipCommands, pipGroups, pipOptions } from './grammar.ts'
import { renderPipCommandHelp, renderPipHelp, wordsOf } from './help.ts'
import { downloadRequest, installRequest, lockRequest } from './install-request.ts'
import { parseIsoDatetime } from './iso-datetime.ts'
import { commandNames, parsePipLine } from './parse.ts'
import { pythonJson } from './python-json.ts'
import { commandWords, optionWords } from './words.ts'

const host = { home: '/home/me', cwd: '/code', path: path.posix, now: () => Date.UTC(2026, 0, 11) }
const paths = { ...host, files: { stat: () => undefined } as never }

function parse(...argv: readonly string[]) {
  const line = parsePipLine({ argv, host, program: 'pip', configured: () => [] })
  assert.equal(line.kind, 'command')
  return line as Extract<typeof line, { kind: 'command' }>
}

const install = (...argv: readonly string[]) => installRequest(paths, parse('install', ...argv))

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert.ok(isDenError(error), String(error))
    return error.message
  }
  assert.fail('it was accepted')
}

test('every command and every option that help shows has words of den’s own', () => {
  for (const name of commandNames) assert.ok(commandWords[name] !== undefined, name)
  for (const [name, { groups }] of Object.entries(pipCommands)) {
    for (const key of groups.flatMap((group) => pipGroups[group]!)) {
      assert.notEqual(wordsOf(key, name), '', `${name} ${key}`)
    }
  }
  for (const [name, options] of Object.entries(additionalOptions)) {
    for (const option of options)
      assert.notEqual(
        wordsOf(option.spellings.at(-1)!.slice(2), name) || wordsOf(option.dest, name),
        '',
        `${name} ${option.dest}`,
      )
  }
  const keys = new Set([
    ...Object.keys(pipOptions),
    ...Object.values(additionalOptions)
      .flat()
      .map(({ dest }) => dest),
  ])
  const unknown = Object.keys(optionWords).filter((key) => !keys.has(key) && !keys.has(key.replace(/^\w+:/, '')))
  assert.deepEqual(unknown, [])
  for (const name of [...Object.keys(pipCommands), ...Object.keys(additionalCommands)]) {
    for (const line of renderPipCommandHelp('pip', name, 80).split('\n')) assert.ok(line.length <= 80, line)
  }
  assert.match(renderPipHelp('pip', 80), /\n {2}install {17,}Put packages/)
})

test('no two options of a command share a spelling', () => {
  for (const [name, { groups }] of Object.entries(pipCommands)) {
    const options: readonly PipOption[] = [
      ...groups.flatMap((group) => pipGroups[group]!.map((key) => pipOptions[key]!)),
      ...(additionalOptions[name] ?? []),
    ]
    const spellings = options.flatMap((option) => option.spellings)
    assert.deepEqual(spellings.toSorted(), [...new Set(spellings)].toSorted(), name)
  }
})

test('installRequest() turns options into plain data', () => {
  const request = install(
    'six',
    '-e',
    '.',
    '-r',
    'a.txt',
    '-c',
    'c.txt',
    '--group',
    'sub/pyproject.toml:dev',
    '-U',
    '--pre',
    '--no-binary',
    'A_b',
    '--extra-index-url',
    'https://example.org/x',
    '-C',
    'k=v',
    '--uploaded-prior-to',
    'P1D',
    '--root',
    'r',
  )
  assert.deepEqual(request.wanted, {
    requirements: ['six'],
    editables: ['.'],
    requirementFiles: ['a.txt'],
    constraintFiles: ['c.txt'],
    scripts: [],
    groups: [{ file: 'sub/pyproject.toml', group: 'dev' }],
    dependencies: 'all',
  })
  assert.deepEqual([...request.choice.allReleases], [':all:'])
  assert.deepEqual([...request.choice.noBinary], ['a-b'])
  assert.equal(request.choice.uploadedBefore, Date.UTC(2026, 0, 10))
  assert.equal(request.upgrade, 'needed')
  assert.equal(request.root, '/code/r')
  assert.deepEqual(request.build.configSettings, { k: 'v' })
  assert.equal(request.sources.index, undefined)
  assert.equal(request.network.retries, 5)
  assert.deepEqual(request.place, { kind: 'environment' })
  assert.equal(install('six', '-U', '--upgrade-strategy', 'eager').upgrade, 'eager')
  assert.deepEqual(install('six', '-t', 'flat').place, { kind: 'target', directory: '/code/flat' })
  assert.equal(install('six', '-t', 'flat').ignoreInstalled, true)
  assert.deepEqual(install('six', '--user', '--no-user').place, { kind: 'environment' })
  assert.deepEqual(downloadRequest(paths, parse('download', 'six', '-d', 'w')).directory, '/code/w')
  assert.equal(lockRequest(paths, parse('lock', 'six', '-o', '-')).output, '-')
})

test('installRequest() refuses what does not go together', () => {
  assert.match(
    refusal(() => install()),
    /nothing is named/,
  )
  assert.match(
    refusal(() => install('six', '--user', '--target', 'x')),
    /two places/,
  )
  assert.match(
    refusal(() => install('six', '--only-deps', '--no-deps')),
    /--only-deps/,
  )
  assert.match(
    refusal(() => install('six', '--pre', '--only-final', 'x')),
    /--pre/,
  )
  assert.match(
    refusal(() => install('six', '--require-hashes', '--no-require-hashes')),
    /opposite/,
  )
  assert.match(
    refusal(() => install('six', '--platform', 'x', '--target', 't')),
    /another machine/,
  )
  assert.match(
    refusal(() => install('six', '--platform', 'x', '--only-binary', ':all:')),
    /this environment/,
  )
  assert.equal(install('six', '--platform', 'x', '--only-binary', ':all:', '-t', 't').target.platforms?.[0], 'x')
})

test('den’s additions take no beginning from pip’s options', () => {
  assert.equal(parse('tree', '--inv', 'six').options.invert, true)
  assert.deepEqual(parse('tree', '-d', '3').options.depth, 3)
  assert.match(
    refusal(() => parse('tree', '--d')),
    /--d/,
  )
})

test('parseIsoDatetime() reads what Python reads', () => {
  assert.equal(parseIsoDatetime('2023-01-01T00:00:00Z'), Date.UTC(2023, 0, 1))
  assert.equal(parseIsoDatetime('2023-01-01 02:30+02:30'), Date.UTC(2023, 0, 1))
  assert.equal(parseIsoDatetime('2023-W01-1T00:00:00.5Z'), Date.UTC(2023, 0, 2) + 500)
  for (const wrong of ['2023-13-01', '2023-02-29', 'tomorrow', '2023-01-01T', '2023-01-01T25:00', '']) {
    assert.equal(parseIsoDatetime(wrong), undefined, wrong)
  }
})

test('pythonJson() writes as json.dumps does', () => {
  assert.equal(pythonJson([{ name: 'ä', n: 1, gone: undefined }, []]), '[{"name": "\\u00e4", "n": 1}, []]')
  assert.equal(pythonJson({ text: '"\u{1f600}"' }), '{"text": "\\"\\ud83d\\ude00\\""}')
})

test('formatSize() writes sizes as pip does', () => {
  assert.deepEqual([999, 1500, 15_999, 2_550_000].map(formatSize), ['999 bytes', '1.5 kB', '15 kB', '2.5 MB'])
})

test('pipCandidates() offers commands, actions, options and what is installed', async () => {
  const offers = async (words: readonly string[], current: string): Promise<readonly string[]> =>
    (await pipCandidates(words, current, async () => ['six', 'sphinx'])).map(({ value }) => value)
  assert.deepEqual(await offers([], 'unin'), ['uninstall'])
  assert.deepEqual(await offers(['uninstall'], 's'), ['six', 'sphinx'])
  assert.deepEqual(await offers(['uninstall', 'six'], 's'), ['sphinx'])
  assert.deepEqual(await offers(['cache'], 're'), ['remove'])
  assert.deepEqual(await offers(['cache', 'dir'], 're'), [])
  assert.deepEqual(await offers(['install', '--upgrade'], '--upgrade'), ['--upgrade-strategy='])
  assert.deepEqual(await offers(['install'], '--no-python'), [])
  assert.deepEqual(await offers(['help'], 'tr'), ['tree'])
})
