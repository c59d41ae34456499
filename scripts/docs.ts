// Writes docs/reference/ from the tables of the program: commands, errors, environment variables, JSON, the peers' flags.
// `--check` writes nothing and fails when a page is stale.

import fs from 'node:fs'
import path from 'node:path'
import { catalogue, type ErrorCode } from '../src/base/errors/catalogue.ts'
import type { ErrorText } from '../src/base/errors/text.ts'
import { everyCommand } from '../src/cli/options/common.ts'
import { type Command, commandGroups, type Option, schemaOf } from '../src/cli/options/option.ts'
import { commands } from '../src/cli/options/table.ts'
import { variableGroups } from '../src/cli/options/variables.ts'
import { renderDiagnosis } from '../src/cli/render/diagnosis.ts'
import { groupsOf, optionText, usageOf } from '../src/cli/render/help.ts'
import { plainStyle } from '../src/cli/render/style.ts'
import { peerTables } from './peer-flags.ts'
import { pipPage } from './pip-table.ts'
import { resultTypes } from './result-types.ts'
import { typeSources } from './type-source.ts'
import { onlyInDen, otherUvCommands, rowsOf, uvCommands } from './uv-commands.ts'

const root = path.resolve(import.meta.dirname, '..')
const generated = '<!-- Made by scripts/docs.ts; change the tables it reads, not this page. -->'

function page(title: string, ...paragraphs: readonly string[]): string {
  return `${[`# ${title}`, generated, ...paragraphs].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const visibleCommands = commands.filter(({ hidden }) => !hidden)

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}

// --- commands.md ---

function commandsPage(): string {
  const overview = commandGroups.map((group) => {
    const rows = visibleCommands
      .filter((command) => command.group === group)
      .map((command) => [`[\`den ${command.name}\`](#${anchor(`den ${command.name}`)})`, command.summary])
    return `**${capital(group)}**\n\n${table(['command', 'what it does'], rows)}`
  })
  return page(
    'Commands',
    'Options may stand before or after the command and its operands; `--name=value` and `--name value` mean the same, as do `-p3.12` and `-p 3.12`; `--` ends the options. Where an option has a variable, the option wins over it.',
    ...overview,
    '## On every command',
    optionTable(everyCommand),
    'Exit codes: 0 done, 1 failed (or, of `den doctor` and `den python list`, nothing sound found), 2 the command line was wrong, 130 interrupted (128 + the number of any other signal), 141 nobody read the output any more. `den run` and `den shell` exit as the program does.',
    ...visibleCommands.map(commandSection),
  )
}

function commandSection(command: Command): string {
  const parts = [`## den ${command.name}`, `${command.summary}.`, `    ${usageOf(command)}`]
  if (command.aliases !== undefined) parts.push(`Also: ${command.aliases.map((name) => `\`den ${name}\``).join(', ')}.`)
  parts.push(...(command.about ?? []))
  if (command.examples !== undefined) {
    parts.push(
      table(
        ['example', ''],
        command.examples.map(({ line, says }) => [`\`${line}\``, says]),
      ),
    )
  }
  if (command.operands.length > 0) {
    parts.push(
      table(
        ['operand', ''],
        command.operands.map(({ name, help }) => [`\`${name}\``, help]),
      ),
    )
  }
  const own = command.options.filter((option) => !everyCommand.includes(option))
  for (const [group, options] of groupsOf(own))
    parts.push(...(group === 'Options' ? [] : [`**${capital(group)}**`]), optionTable(options))
  const missing = everyCommand.filter(
    (option) => option.name === 'json' && !command.options.some(({ name }) => name === 'json'),
  )
  if (missing.length > 0 && command.grammar === undefined)
    parts.push('Has no `--json`: its stdout belongs to another program.')
  return parts.join('\n\n')
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => [
    `\`${optionText(option).trim()}\``,
    [option.help, ...(option.fallback === undefined ? [] : [`Default: ${option.fallback}`])].join('. '),
    option.variable === undefined ? '' : `\`${option.variable}\``,
    option.since,
  ])
  return table(['option', '', 'variable', 'since'], rows)
}

function capital(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`
}

// --- errors.md ---

/** Stands for a fact that is only known when the error happens, be it a text or a list; in the words it shows as `{name}`. */
function placeholder(name: string): unknown {
  const text = `{${name}}`
  const member = (of: object, key: PropertyKey): unknown => {
    const value = (of as Record<PropertyKey, unknown>)[key]
    return typeof value === 'function' ? value.bind(of) : undefined
  }
  const known: Record<PropertyKey, unknown> = {
    [Symbol.toPrimitive]: () => text,
    [Symbol.iterator]: () => [placeholder(name)][Symbol.iterator](),
    toString: () => text,
    toJSON: () => text,
    length: 1,
    // A part of a text is a text, and of a list a list.
    slice: () => placeholder(name),
  }
  return new Proxy(
    {},
    {
      get: (_, key) => {
        if (key in known && Object.hasOwn(known, key)) return known[key]
        const method = member([placeholder(name)], key) ?? member(Object(text), key)
        return method ?? (typeof key === 'string' ? placeholder(`${name}.${key}`) : undefined)
      },
    },
  )
}

function errorsPage(): string {
  const detail = new Proxy({}, { get: (_, key) => placeholder(String(key)) }) as never
  const codes = (Object.keys(catalogue) as ErrorCode[]).sort()
  const sections = codes.map((code) => {
    const text = catalogue[code] as ErrorText<never>
    try {
      const why = text.why?.(detail)
      const diagnosis = {
        code,
        what: text.what(detail),
        fix: text.fix?.(detail) ?? [],
        ...(why === undefined ? {} : { why }),
      }
      return `## ${code}\n\n\`\`\`\n${renderDiagnosis(diagnosis, 'error', plainStyle)}\`\`\`${text.exit === undefined ? '' : `\n\nExits with ${text.exit}.`}`
    } catch (error) {
      throw new Error(`the words of ${code} cannot be shown`, { cause: error })
    }
  })
  return page(
    'Errors',
    `Every error says what happened, why, and what to try. Its code is stable: scripts and editors may rely on it. In the texts below, \`{name}\` stands for a fact of the case; where the words depend on the case, one form is shown. \`den --json\` gives the same words as data ([json.md](json.md)). There are ${codes.length}.`,
    ...sections,
  )
}

// --- environment-variables.md ---

function variablesPage(): string {
  const options = new Map<string, { readonly help: string; readonly names: string[]; readonly since: string }>()
  for (const command of visibleCommands) {
    for (const option of command.options) {
      if (option.variable === undefined || option.addition) continue
      const known = options.get(option.variable) ?? { help: option.help, names: [], since: option.since }
      if (!known.names.includes(`--${option.name}`)) known.names.push(`--${option.name}`)
      options.set(option.variable, known)
    }
  }
  return page(
    'Environment variables',
    'A variable stands in for its option where the command line does not give it. Switches take 1, true, yes, on, or 0, false, no, off; an empty variable counts as not set. `den virtualenv` also reads `VIRTUALENV_*` for each of its options, and `virtualenv.ini`: see [flags-of-the-peers.md](flags-of-the-peers.md).',
    '## In place of options',
    table(
      ['variable', 'option', '', 'since'],
      [...options]
        .sort()
        .map(([name, { help, names, since }]) => [
          `\`${name}\``,
          names.map((each) => `\`${each}\``).join(', '),
          help,
          since,
        ]),
    ),
    ...variableGroups.flatMap(({ title, variables }) => [
      `## ${title}`,
      table(
        ['variable', ''],
        variables.map(({ name, says }) => [`\`${name}\``, says]),
      ),
    ]),
  )
}

// --- json.md ---

function jsonPage(): string {
  const mentioned = new Map<string, string>()
  const collect = (file: string, type: string): string => {
    const [own, ...others] = typeSources(root, file, type)
    for (const { name, text } of others) mentioned.set(name, text)
    return own!.text
  }
  const diagnosis = collect('src/base/error.ts', 'Diagnosis')
  const sections = visibleCommands
    .filter(({ schema }) => schema !== undefined)
    .map((command) => {
      const result = resultTypes[command.name]
      if (result === undefined) throw new Error(`scripts/result-types.ts does not say what den ${command.name} answers`)
      const source = 'text' in result ? result.text : collect(result.file, result.type)
      return `## den ${command.name}\n\n\`"schema": "${schemaOf(command)}"\`, then:\n\n\`\`\`ts\n${source}\n\`\`\``
    })
  return page(
    'JSON',
    'With `--json` a command writes one JSON document to stdout and nothing else there; nothing is drawn or said on stderr. The document begins with `schema`: the command’s name and a number that grows when a field changes its meaning or goes. New fields may come at any time.',
    'What was warned of stands in `warnings`, a list of diagnoses. The exit code is the same as without `--json`.',
    'An error is a document too, on stdout, with the exit code of the error:',
    '```json\n{\n  "schema": "den.error/1",\n  "code": "environment-not-found",\n  "what": "…",\n  "why": "…",\n  "fix": ["…"],\n  "detail": {}\n}\n```',
    `A diagnosis is:\n\n\`\`\`ts\n${diagnosis}\n\`\`\``,
    'The types are the library’s own (`import { openSession } from "denpy"`): what a session’s method returns is what the command prints. Those that a result mentions stand at the end.',
    ...sections,
    `## The types they mention\n\n\`\`\`ts\n${[...mentioned]
      .sort()
      .map(([, text]) => text)
      .join('\n\n')}\n\`\`\``,
  )
}

// --- flags-of-the-peers.md ---

function peersPage(): string {
  return page(
    'The peers’ flags',
    'Every option of `python -m venv`, `virtualenv` and `uv venv`, and what den does with it. The first two are commands of den with the peer’s own grammar (`den venv`, `den virtualenv`: unique beginnings of long options, exit codes, output); for `uv venv` the table says how the same is asked of `den create`. A test compares these tables with the options of the peers installed beside it.',
    ...peerTables.flatMap(({ title, says, rows }) => [
      `## ${title}`,
      ...says,
      table(
        ['flag', 'what den does'],
        rows.map(({ flags, says: text }) => [flags.map((flag) => `\`${flag}\``).join(', '), text]),
      ),
    ]),
  )
}

// --- uv-commands.md ---

function uvPage(): string {
  const code = (text: string): string => `\`${text}\``
  return page(
    'uv’s project commands',
    'Every option of uv 0.13’s commands for projects, and what den does with it. Names are the same wherever that is possible, and so are `[tool.uv]`’s sources, indexes, constraints, overrides, environments and conflicts in pyproject.toml. A test compares the lists with the help of the uv installed beside it. How to move: [move-from-uv.md](../how-to/move-from-uv.md).',
    ...uvCommands.flatMap((uv) => [
      `## uv ${uv.name} → den ${uv.name}`,
      ...(uv.says === undefined ? [] : [uv.says]),
      table(
        ['option', 'what den does'],
        rowsOf(uv).map(({ options, says }) => [options.map(code).join(', '), says]),
      ),
    ]),
    '## Other commands of uv',
    table(
      ['uv', 'den'],
      otherUvCommands.map(([uv, den]) => [uv.split(', ').map(code).join(', '), den]),
    ),
    '## Only in den',
    table(
      ['command', 'does'],
      onlyInDen.map(([den, does]) => [den.split(', ').map(code).join(', '), does]),
    ),
  )
}

/** Every page by its path under the root. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/commands.md', commandsPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/environment-variables.md', variablesPage()],
    ['docs/reference/json.md', jsonPage()],
    ['docs/reference/flags-of-the-peers.md', peersPage()],
    ['docs/reference/uv-commands.md', uvPage()],
    ['docs/reference/pip.md', page('pip → den pip', ...pipPage())],
  ])
}

if (import.meta.main) {
  const check = process.argv.includes('--check')
  for (const [name, text] of referencePages()) {
    const file = path.join(root, name)
    const current = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined
    if (current === text) continue
    if (check) {
      console.error(`${name} is stale: npm run docs`)
      process.exitCode = 1
    } else {
      fs.mkdirSync(path.dirname(file), { recursive: true })
      fs.writeFileSync(file, text)
      console.log(`wrote ${name}`)
    }
  }
}
