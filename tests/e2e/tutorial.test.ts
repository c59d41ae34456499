// The pages that a reader types along with (docs/tutorial, docs/how-to). Each ```console block is typed into one bash, the first
// tutorial's into a zsh as well, in the order of the page, and what comes out must be what the page shows: prompts too, with nothing added and
// nothing left out but where it shows "…".
// A ```python or ```js block whose first line names a file is that file. What differs from machine to machine is made equal by
// `normalised`, on both sides, and by nothing else. No index is in reach, but of the pages that say `<!-- needs the index -->`: they are
// typed where den gets an answer from the index that this machine is set up for, and skipped loudly elsewhere.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { parsePipLine } from '../../src/cli/compat/pip/parse.ts'
import { everyCommand } from '../../src/cli/options/common.ts'
import { commandNames, findCommand } from '../../src/cli/options/table.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import { denCommand, runProgram } from '../kit/den.ts'
import { pythonOr, pythons, type RealPython } from '../kit/pythons.ts'
import { scratch, writeTree } from '../kit/scratch.ts'
import { findShell } from '../kit/shells.ts'

const root = path.resolve(import.meta.dirname, '..', '..')
const documents = path.join(root, 'docs')
const pages = ['tutorial', 'how-to'].flatMap((folder) =>
  fs
    .readdirSync(path.join(documents, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`),
)

interface Command {
  /** The line of the page that it stands on, from 1. */
  readonly line: number
  readonly prompt: string
  readonly text: string
  readonly shown: readonly string[]
  /** Files that the reader saves before it, relative to where the shell is then. */
  readonly files: Readonly<Record<string, string>>
}

/** A console line that is typed: the prompt, with the environment's name if one is active, then the command. */
const typed = /^((?:\([^)]+\) )?\$ )(.+)$/

function readPage(markdown: string): readonly Command[] {
  const commands: Command[] = []
  let files: Record<string, string> = {}
  for (const block of markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, language, text] = block as unknown as [string, string, string]
    const named = /^(?:#|\/\/) ([\w./-]+\.\w+)\n/.exec(text)
    if (language !== 'console') {
      if (named !== null) files[named[1]!] = text
      continue
    }
    const first = markdown.slice(0, block.index).split('\n').length + 1
    const lines = text.trimEnd().split('\n')
    for (const [index, line] of lines.entries()) {
      const [, prompt, command] = typed.exec(line) ?? []
      if (prompt !== undefined && command !== undefined) {
        commands.push({ line: first + index, prompt, text: command, shown: [], files })
        files = {}
        continue
      }
      const last = commands.at(-1)
      assert.ok(last !== undefined && index > 0, `line ${first + index}: output before any command: ${line}`)
      commands[commands.length - 1] = { ...last, shown: [...last.shown, line] }
    }
  }
  return commands
}

interface Machine {
  readonly home: string
  readonly base: string
}

/** Paths, versions, times and sizes, which are the reader's own. */
function normalised(text: string, machine?: Machine): string {
  const places =
    machine === undefined ? text : text.replaceAll(machine.home, '/home/you').replaceAll(machine.base, '/usr')
  return places
    .replace(/\bpip \d+(?:\.\d+)+(?:\+den)?/g, (text) => (text.endsWith('+den') ? "den's pip" : 'pip N'))
    .replace(/(?<![\d.])([23])\.\d+\.\d+/g, '$1.x.y')
    .replace(/\b([Pp]ython ?|pip)([23])\.\d+(?![.\d])/g, '$1$2.x')
    .replace(/\bin \d+(?:\.\d+)? ?(?:µs|ms|s)\b/g, 'in N ms')
    .replace(/\b\d+ changes?\b/g, 'N changes')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d\b/g, 'DATE')
    .replace(/\b\d+(?:\.\d+)? (?:B|kB|MB)(?: \(and [\d.]+ (?:B|kB|MB) that others still use\))?/g, 'N MB')
}

/** Whether the lines are those shown; a shown "…" stands for any number of lines, and at the end of a line for the rest of it. */
function agree(shown: readonly string[], lines: readonly string[]): boolean {
  const [first, ...rest] = shown
  if (first === undefined) return lines.length === 0
  const [line] = lines
  if (first.trim() !== '…') {
    const isRight = first.endsWith('…') ? line?.startsWith(first.slice(0, -1)) : first === line
    return isRight === true && agree(rest, lines.slice(1))
  }
  return lines.some((_, index) => agree(rest, lines.slice(index))) || rest.length === 0
}

/** The newest Python 3 that brings its own pip, as every Python does unless a distribution has taken that part out. */
function pythonWithPip(): RealPython | undefined {
  return [...pythons()]
    .sort((one, other) => other.version.localeCompare(one.version, 'en', { numeric: true }))
    .find(
      ({ version, executable }) =>
        version.startsWith('3.') && spawnSync(executable, ['-c', 'import ensurepip; ensurepip.version()']).status === 0,
    )
}

interface ReaderShell {
  readonly name: 'bash' | 'zsh'
  /** Without start-up files. */
  readonly bare: string
  /** PS1 as it would be drawn. */
  readonly drawn: string
}

const bash: ReaderShell = { name: 'bash', bare: '--norc', drawn: '${PS1@P}' }
const zsh: ReaderShell = { name: 'zsh', bare: '-f', drawn: '${(%)PS1}' }

/** This machine's settings for an index, without those that add or leave out files. */
function indexSettings(): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(process.env).filter(([name]) => /^PIP_(?!FIND_LINKS|NO_INDEX)/.test(name))
  return Object.fromEntries(kept)
}

/** Whether den gets an answer from the index; asked once, of a project that the pages install. */
let answer: Promise<boolean> | undefined
function indexAnswers(t: TestContext, python: RealPython): Promise<boolean> {
  const ask = async (): Promise<boolean> => {
    const [command, ...before] = denCommand()
    const words = [
      'pip',
      '--python',
      python.executable,
      'download',
      '--no-deps',
      '--retries',
      '0',
      '-d',
      'd',
      'sqlparse',
    ]
    const run = await runProgram(command, [...before, ...words], { cwd: scratch(t), env: indexSettings() })
    return run.code === 0
  }
  answer ??= ask()
  return answer
}

/** Types the commands into a shell; answers what each printed, and with which prompt it was typed. */
async function type(
  t: TestContext,
  shell: ReaderShell,
  commands: readonly Command[],
  python: RealPython,
  others: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string | undefined>>,
) {
  const home = scratch(t, {
    // The prompt is looked at before each command, so that the page shows it as the shell would draw it.
    'session.sh': [
      "PS1='$ '",
      `_shown () { local code=$?; printf "\\n@@%s@%s@%s\\n" "$1" "$code" "${shell.drawn}"; return "$code"; }`,
      ...commands.flatMap(({ text, files }, index) => [
        ...Object.entries(files).map(([file, content]) => `cat >${file} <<'@@end'\n${content}@@end`),
        `_shown ${index}`,
        text.replace('den hook bash', `den hook ${shell.name}`),
      ]),
      `_shown ${commands.length}`,
      '',
    ].join('\n'),
  })
  const tools = path.join(home, '.local', 'bin')
  writeTree(home, { '.local/bin': undefined })
  const words = denCommand().map((word) => `'${word}'`)
  // As the clone's ./den does it; under Node den is more than one word.
  fs.writeFileSync(path.join(tools, 'den'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  for (const [name, target] of Object.entries({ ...others, python3: python.executable }))
    fs.symlinkSync(fs.realpathSync(target), path.join(tools, name))
  fs.symlinkSync(process.execPath, path.join(tools, 'node'))
  fs.symlinkSync(root, path.join(home, 'den'))
  fs.mkdirSync(path.join(home, 'node_modules'))
  fs.symlinkSync(path.join(root, 'dist', 'npm'), path.join(home, 'node_modules', 'denpy'))
  const result = await runProgram(shell.name, [shell.bare, '-c', 'exec 2>&1; . ~/session.sh'], {
    cwd: home,
    env: {
      HOME: home,
      PATH: `${tools}:/usr/bin:/bin`,
      SHELL: findShell(shell.name),
      LANG: 'C.UTF-8',
      // Where they are by default: the pages show that.
      DEN_HOME: undefined,
      DEN_CACHE_DIR: undefined,
      PYENV_ROOT: undefined,
      WORKON_HOME: undefined,
      ...settings,
    },
    timeout: 240_000,
  })
  const parts = result.stdout.split(/\n@@(\d+)@(\d+)@(.*)\n/).slice(1)
  const base = path.dirname(path.dirname(fs.realpathSync(python.executable)))
  return commands.map((_, index) => ({
    prompt: parts[index * 4 + 2],
    output: parts[index * 4 + 3],
    status: Number(parts[index * 4 + 5]),
    machine: { home, base },
  }))
}

const typings = pages.flatMap((name) =>
  (name === 'tutorial/two-projects.md' ? [bash, zsh] : [bash]).map((shell) => ({ name, shell })),
)

for (const { name, shell } of typings) {
  const markdown = fs.readFileSync(path.join(documents, name), 'utf8')
  const commands = readPage(markdown)
  const missing = findShell(shell.name) === undefined || process.platform === 'win32'
  const skip = missing ? { skip: `NOT TESTED: there is no ${shell.name} to type docs/${name} into` } : {}
  test(`docs/${name} in ${shell.name}: what it shows is what happens`, skip, async (t) => {
    const python = pythonWithPip()
    if (python === undefined) return t.skip('NOT TESTED: no Python 3 with ensurepip on this machine')
    const others: Record<string, string> = {}
    for (const [, line] of markdown.matchAll(/^<!-- needs Python ([\d.]+) -->$/gm)) {
      const other = pythonOr(t, line!)
      if (other === undefined) return
      others[`python${line}`] = other.executable
    }
    const needsIndex = /^<!-- needs the index -->$/m.test(markdown)
    if (needsIndex && !(await indexAnswers(t, python))) return t.skip('NOT TESTED: the index does not answer')
    const settings = needsIndex ? indexSettings() : { DEN_OFFLINE: '1' }
    const seen = await type(t, shell, commands, python, others, settings)
    const wrong = commands.flatMap(({ line, prompt, text, shown }, index) => {
      const { prompt: drawn, output = '', status, machine } = seen[index]!
      const lines = output === '' ? [] : normalised(output.replace(/\n$/, ''), machine).split('\n')
      const wanted = shown.map((one) => normalised(one))
      // A failure that the page does not show is none that it means.
      const right = drawn === prompt && agree(wanted, lines) && (status === 0 || shown.length > 0)
      if (right) return []
      return [
        `docs/${name}:${line}: ${prompt}${text}\n--- shown\n${wanted.join('\n')}\n--- is (${drawn}exit ${status})\n${output}`,
      ]
    })
    if (wrong.length > 0) assert.fail(`the page and den differ:\n\n${wrong.join('\n')}`)
  })
}

test('the pages are found, and each shows something that is run', () => {
  assert.ok(pages.includes('tutorial/two-projects.md'))
  for (const name of pages) assert.ok(readPage(fs.readFileSync(path.join(documents, name), 'utf8')).length > 0, name)
})

/** Every page that people read, by its path from the root; without those that are made from the program's own tables. */
function proseFiles(): readonly string[] {
  const under = ['docs', 'examples'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(folder, name)),
  )
  return [...fs.readdirSync(root), ...under].filter(
    (name) =>
      name.endsWith('.md') && !name.startsWith(path.join('docs', 'reference')) && !name.includes('node_modules'),
  )
}

/** The anchor of a heading, as forges make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')

test('every link of every page leads to a file, and to a heading in it', () => {
  const broken = proseFiles().flatMap((name) => {
    const text = fs.readFileSync(path.join(root, name), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
      const [file = '', anchor] = link!.split('#')
      if (/^[a-z]+:/.test(link!)) return []
      const target = file === '' ? path.join(root, name) : path.join(root, path.dirname(name), file)
      if (!fs.existsSync(target)) return [`${name}: ${link}`]
      if (anchor === undefined) return []
      const headings = [...fs.readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
        anchorOf(heading!),
      )
      return headings.includes(anchor) ? [] : [`${name}: ${link}`]
    })
  })
  assert.deepEqual(broken, [])
})

/** What stands behind "den" wherever a page writes a command: in a code span, or typed in a console or sh block. */
function mentioned(markdown: string): readonly string[] {
  const shell = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text]) => text!.split('\n'))
  const spans = [...markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, text]) => text!)
  const typedLines = readPage(markdown).map(({ text }) => text)
  return [...shell.map((line) => line.replace(/ *#.*/, '')), ...spans, ...typedLines].flatMap((text) =>
    [...text.matchAll(/(?:^|[\s(])(?:\.\/)?den ([\w-](?:'[^']*'|"[^"]*"|[^'"|;&>)])*)/g)].map(([, words]) =>
      words!.trim(),
    ),
  )
}

/** The same for what stands behind `den pip`, by the parser that reads it. */
function unknownToPip(words: readonly string[]): string | undefined {
  const argv = words.filter((word) => !/^[…|]/.test(word)).map((word) => word.replace(/[,.:]$/, ''))
  try {
    parsePipLine({ argv, host: defaultHost({ env: {} }), configured: () => [], program: 'den pip' })
    return undefined
  } catch (error) {
    if (isDenError(error)) return `${error.code} ${JSON.stringify(error.detail)}`
    throw error
  }
}

/** What is wrong with the words, by the table from which the command line itself is made. */
function unknownIn(words: readonly string[]): string | undefined {
  const found = findCommand(words)
  // "den COMMAND --help", "den python list | find": a first word alone is one that help knows.
  if (found === undefined) {
    const first = words[0] ?? ''
    return /^(?:-|[A-Z]+$|…)/.test(first) || commandNames().includes(first) ? undefined : first
  }
  if (found.command.grammar === 'pip') return unknownToPip(words.slice(found.taken))
  const options = [...found.command.options, ...everyCommand]
  const names = options.flatMap(({ name, short, aliases = [], negations = [] }) => [
    ...[name, ...aliases, ...negations].map((long) => `--${long}`),
    ...(short === undefined ? [] : [`-${short}`]),
  ])
  const taken = options.flatMap(({ name, short, kind }) =>
    kind === 'text' || kind === 'list' ? [`--${name}`, `-${short}`] : [],
  )
  for (let index = found.taken; index < words.length; index += 1) {
    const word = words[index]!.replace(/[,.:]$/, '').split('=')[0]!
    if (!word.startsWith('-')) {
      // What follows the program is the program's.
      if (found.command.name === 'run') return undefined
      continue
    }
    if (!names.includes(word)) return word
    if (taken.includes(word) && !words[index]!.includes('=')) index += 1
  }
  return undefined
}

test('every command and option that a page writes is one that den has', () => {
  const unknown = proseFiles().flatMap((name) =>
    mentioned(fs.readFileSync(path.join(root, name), 'utf8')).flatMap((text) => {
      const what = unknownIn(text.split(/\s+/))
      return what === undefined ? [] : [`${name}: den ${text}: ${what}`]
    }),
  )
  assert.deepEqual(unknown, [])
})

test('the TypeScript of the pages compiles against the published types', (t) => {
  const blocks = ['README.md', ...pages.map((name) => path.join('docs', name))].flatMap((name) => {
    const text = fs.readFileSync(path.join(root, name), 'utf8')
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
  })
  assert.ok(blocks.length >= 2)
  const directory = scratch(t, {
    'package.json': '{"type": "module"}',
    'node_modules/.keep': '',
    ...Object.fromEntries(blocks.map((code, index) => [`block-${index}.ts`, code])),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        noUncheckedIndexedAccess: true,
        target: 'es2024',
        lib: ['es2024', 'esnext.disposable'],
        module: 'nodenext',
        types: ['node'],
        typeRoots: [path.join(root, 'node_modules', '@types')],
        noEmit: true,
      },
      files: blocks.map((_, index) => `block-${index}.ts`),
    }),
  })
  fs.symlinkSync(path.join(root, 'dist', 'npm'), path.join(directory, 'node_modules', 'denpy'))
  const compiled = spawnSync(path.join(root, 'node_modules', '.bin', 'tsc'), ['-p', directory], { encoding: 'utf8' })
  assert.equal(compiled.status, 0, compiled.stdout)
})

test('the program that README shows does what README says', async (t) => {
  const python = pythonWithPip()
  const [, minor = '0'] = python?.version.split('.') ?? []
  if (python === undefined || Number(minor) < 10) return t.skip('NOT TESTED: no Python 3.10 or newer with ensurepip')
  const [, code = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(fs.readFileSync(path.join(root, 'README.md'), 'utf8')) ?? []
  const directory = scratch(t, { 'program.mts': code, 'node_modules/.keep': '', 'bin/.keep': '' })
  fs.symlinkSync(path.join(root, 'dist', 'npm'), path.join(directory, 'node_modules', 'denpy'))
  fs.symlinkSync(fs.realpathSync(python.executable), path.join(directory, 'bin', 'python3'))
  const run = await runProgram(process.execPath, ['program.mts'], {
    cwd: directory,
    env: { PATH: `${path.join(directory, 'bin')}:/usr/bin:/bin`, PYENV_ROOT: undefined, DEN_OFFLINE: '1' },
  })
  assert.equal(run.code, 0, run.stderr)
  assert.equal(run.stdout, `${path.join(directory, '.venv')}\n`)
  assert.match(run.stderr, /^create\.done$/m)
  assert.ok(fs.existsSync(path.join(directory, '.venv', 'bin', 'pip')))
})
