// pip's configuration against pip itself: generated files and variables, read and changed by den and by pip's own code. DEN_PEERS names
// a virtual environment with pip 26.3; DEN_SEED varies the cases.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../../src/base/error.ts'
import { listPipConfig, pipConfigItems, readPipConfig } from '../../../src/config/pip-config.ts'
import {
  type EditableKind,
  pipConfigTarget,
  readPipConfigTarget,
  setPipConfig,
  unsetPipConfig,
} from '../../../src/config/pip-config-edit.ts'
import { pipConfigPlaces } from '../../../src/config/pip-config-files.ts'
import { testContext } from '../../kit/context.ts'
import { askOracle, skipWithout } from '../../kit/oracle.ts'
import { caseCount, diceFrom, seed } from '../../kit/random.ts'
import { scratch } from '../../kit/scratch.ts'

const skip = skipWithout(['pip'], 'agreement with pip about its configuration')
const count = Math.min(2000, Math.ceil(caseCount / 5))

const { random, below, one } = diceFrom(seed)

const option = (): string =>
  one([
    'index-url',
    'index_url',
    'Timeout',
    'timeout',
    'no-index',
    'find-links',
    '--pre',
    'no_binary',
    'extra-index-url',
  ])
const optionLine = (): string =>
  `${option()}${one([' = ', '=', ': ', ' =', ':'])}${one(['http://a.example.org/', '60', 'true', 'no', '', 'a b', 'x\n    y\n\tz', '\n  one\n  two', '1 ; note', '2 # note', 'ü'])}`
// On purpose, and not among the cases: den reads over a byte order mark, which pip takes for a part of the first line.
function configText(): string {
  let text = ''
  for (const section of ['global', 'install', one(['freeze', 'DEFAULT', 'Global', 'global'])]) {
    if (random() < 0.35) continue
    text += `[${section}]\n`
    for (let left = below(4); left > 0; left--)
      text += `${one([optionLine, optionLine, optionLine, () => one(['# a comment', '', '; another', '   ', 'nonsense'])])()}\n`
  }
  return random() < 0.03 ? `before = any section\n${text}` : text
}

interface Case {
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  readonly prefix: string
  readonly isolated: boolean
  readonly kind: EditableKind
  readonly key: string
  readonly value: string | null
}

function makeCase(root: string): Case {
  const at = (...parts: readonly string[]): string => path.join(root, ...parts)
  const write = (file: string, chance: number): void => {
    if (random() > chance) return
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, configText())
  }
  for (const directory of ['home', 'work', 'env']) fs.mkdirSync(at(directory), { recursive: true })
  write(at('home/.pip/pip.conf'), 0.4)
  write(at('home/.config/pip/pip.conf'), 0.4)
  write(at('xdg/pip/pip.conf'), 0.4)
  write(at('machine/pip/pip.conf'), 0.4)
  write(at('second/pip/pip.conf'), 0.3)
  write(at('env/pip.conf'), 0.4)
  write(at('work/own.conf'), 0.6)
  const env: Record<string, string> = {
    HOME: at('home'),
    XDG_CONFIG_DIRS: one([`${at('machine')}:${at('second')}`, at('machine'), ` ${at('second')} :relative`]),
  }
  if (random() < 0.3) env['XDG_CONFIG_HOME'] = one([at('xdg'), at('xdg'), 'relative', '', ` ${at('xdg')}`])
  if (random() < 0.35)
    env['PIP_CONFIG_FILE'] = one([
      at('work/own.conf'),
      'own.conf',
      'missing.conf',
      '/dev/null',
      '',
      at('home/.pip/pip.conf'),
    ])
  for (let left = below(4); left > 0; left--)
    env[`PIP_${one(['INDEX_URL', 'TIMEOUT', 'no_index', 'VERSION', 'HELP', 'FIND_LINKS', 'PRE', '_X', 'A.B'])}`] = one([
      'http://env.example.org',
      '1',
      '',
      'two words',
    ])
  return {
    env,
    directory: at('work'),
    prefix: at('env'),
    isolated: random() < 0.15,
    kind: one(['global', 'user', 'user', 'site']),
    key: one([
      'global.timeout',
      'install.index_url',
      'Global.Find-Links',
      'freeze.pre',
      'timeout',
      'global.a.b',
      'default.x',
      '--global.x',
    ]),
    value: one([null, null, 'value', 'two\nlines', '']),
  }
}

interface Answer {
  readonly loaded: { readonly error?: string; readonly files: unknown; readonly items: unknown; readonly list: unknown }
  readonly changed: { readonly error?: string; readonly path: string; readonly text: string }
}

const ignoringRefusals = <Value>(make: () => Value): Value | undefined => {
  try {
    return make()
  } catch (error) {
    if (isDenError(error)) return undefined
    throw error
  }
}

test(`pip's configuration is read and changed as pip does (seed ${seed})`, { skip }, (t) => {
  const root = scratch(t)
  const cases = Array.from({ length: count }, (_, index) => makeCase(path.join(root, String(index))))
  const { host } = testContext(t, { root })

  const ours = cases.map((one) => {
    const at = { ...host, env: one.env, cwd: one.directory, home: one.env['HOME']! }
    const loaded = ignoringRefusals(() => {
      const options = { prefix: one.prefix, isolated: one.isolated }
      const config = readPipConfig(at, options)
      return {
        files: pipConfigPlaces(at, options).map(({ kind, path }) => [kind, path]),
        items: pipConfigItems(config, 'install').map(({ name, value }) => [name, value]),
        list: listPipConfig(config).map(({ key, value }) => [key, value]),
      }
    })
    const changed = ignoringRefusals(() => {
      const unset = one.value === null
      const target = pipConfigTarget(at, one.kind, { prefix: one.prefix, ...(unset ? { key: one.key } : {}) })
      if (target === undefined) return undefined
      const before = readPipConfigTarget(at, target)
      const text = unset
        ? unsetPipConfig(before, one.key, target.path)
        : setPipConfig(before, one.key, one.value ?? '', target.path)
      return text === undefined ? undefined : { path: target.path, text }
    })
    return { loaded, changed }
  })
  const answers = askOracle<readonly Answer[]>('pip_files_config_oracle', cases)
  let read = 0
  let written = 0
  for (const [index, { loaded, changed }] of answers.entries()) {
    const shown = `case ${index}: ${JSON.stringify(cases[index])} pip: ${loaded.error} ${changed.error}`
    const mine = ours[index]!
    if (loaded.error !== undefined) assert.equal(mine.loaded, undefined, shown)
    else {
      // Where the null device turns all files off, pip still counts them up.
      const off = cases[index]!.env['PIP_CONFIG_FILE'] === '/dev/null'
      assert.deepEqual(mine.loaded, off ? { ...loaded, files: [] } : loaded, shown)
      read++
    }
    if (changed.error !== undefined) assert.equal(mine.changed, undefined, shown)
    else {
      assert.deepEqual(mine.changed, changed, shown)
      written++
    }
  }
  assert.ok(read > count / 3 && written > count / 8, `${read} read, ${written} written`)
})
