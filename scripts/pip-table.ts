// Every command and option of pip and what den does with it, for docs/reference/pip.md. The table comes from pip's own parser
// (src/cli/compat/pip/grammar.ts); here stands what is otherwise under den.

import { additionalCommands, additionalOptions } from '../src/cli/compat/pip/additions.ts'
import { pipCommands, pipGroups, pipMain, pipOptions, pipVersion } from '../src/cli/compat/pip/grammar.ts'
import { additionWords, optionForms, wordsOf } from '../src/cli/compat/pip/help.ts'
import { commandWords } from '../src/cli/compat/pip/words.ts'

/** By the option's key: what den does that pip does not, or not so. Options that are not named here do the same. */
const otherwise: Readonly<Record<string, string>> = {
  version:
    'the pip line that is followed, den’s own version and place, and the version of the Python aimed at, in pip’s form',
  debug: 'more is said, and where in den an error arose',
  python:
    'an environment’s name or a version (`3.12`) as well; den needs no pip in that environment, and takes Pythons from 2.7 on',
  'disable-pip-version-check': 'accepted: den does not look for a newer version of itself',
  'no-python-version-warning': 'accepted without effect',
  'keyring-provider': '`import` means the `keyring` program as well: den runs no Python to ask for a password',
  'use-feature': 'accepted: metadata is had early and builds are isolated in any case',
  'use-deprecated': 'accepted without effect: den has one resolver, and trusts the system’s certificates',
  'exists-action':
    'the same for editable checkouts; everything else is checked out into directories of den’s own. Without it, or with `a`, the command ends',
  'cache-dir': 'den’s cache, not pip’s: the two share no files',
  'no-cache-dir':
    'nothing that was cached is read, and nothing is left; the store, which environments link into, stays in use',
  'extra-index-url':
    'asked before the main index, and the public one last of all, wherever it was named: a project comes from the first index that has it. `--index-strategy best-version`, DEN_INDEX_STRATEGY or `index-strategy` in your den.toml give pip’s way (a project’s file may not), the best version of all. Where order decides, an index that cannot be asked, or sends unencrypted from a host that is not trusted, is an error: no other takes its place',
  index: 'accepted without effect: nothing is asked',
  'use-pep517': 'accepted: there is no other way to build',
  'root-user-action': 'the same',
}

/** What a whole command does otherwise. */
const commandNotes: Readonly<Record<string, string>> = {
  install: 'All or nothing, whatever happens on the way; `den undo` takes it back.',
  uninstall:
    'All or nothing. What lists files outside of the environment, or none at all, is refused before anything is removed.',
  download:
    'Wheels are verified as far as installing them would: one that `den pip install` refuses (its RECORD lies, or is empty) is refused here by name, and nothing of the set is saved.',
  wheel: 'As `download`: no wheel is handed over that `den pip install` would refuse.',
  list: 'The same lines, columns and JSON. The order is by name.',
  freeze:
    'The same lines, of checkouts by git, Mercurial, Subversion and Bazaar too. Of Mercurial two files are read and `hg` is not started, which runs what the checkout’s own hgrc names.',
  show: 'The same lines.',
  check: 'The same lines, by name; markers and tags are those of the environment looked at.',
  inspect: 'The same JSON (version 1); distributions come by path.',
  search: 'Ends with 1 and the reason, as everywhere: the public index answers no searches.',
  cache: 'About den’s cache.',
  config: 'The same files: what pip reads, den reads, and the other way round.',
  debug: 'What concerns pip’s own insides is left out.',
  completion: 'Code of den’s own for each shell, by pip’s protocol (`PIP_AUTO_COMPLETE`).',
}

function table(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(['option', 'what it does', 'under den']), line(['---', '---', '---']), ...rows.map(line)].join('\n')
}

function optionTable(keys: readonly string[], command: string | undefined): string {
  return table(
    keys.map((key) => {
      const option = pipOptions[key]!
      const spellings = option.spellings.map((spelling) => `\`${spelling}\``).join(' ')
      const says = [wordsOf(key, command), ...(option.choices === undefined ? [] : [])].join('')
      return [
        option.metavar === undefined ? spellings : `${spellings} \`<${option.metavar}>\``,
        says,
        otherwise[key] ?? 'the same',
      ]
    }),
  )
}

function additionRows(command: string): readonly (readonly string[])[] {
  return (additionalOptions[command] ?? []).map((option) => [
    `\`${optionForms(option)}\``,
    additionWords(option, command),
    'den’s addition',
  ])
}

/** The page's paragraphs. */
export function pipPage(): readonly string[] {
  const shared = ['general', 'package selection', 'package index']
  const parts = [
    `\`den pip\` takes the command line of pip ${pipVersion}: each command, each option, their unique beginnings, options between operands, \`PIP_*\` variables and configuration files. Exit codes are pip’s: 0 done, 1 failed, 2 a wrong command line, 3 a wrong value in a variable or file, or no virtual environment where one is required. Words on stdout that programs read are pip’s; what goes wrong is told on stderr in den’s way.`,
    'The environment: the one that `--python` names (before the command), else the active one (`VIRTUAL_ENV`, `CONDA_PREFIX`), else the nearest `.venv` of this directory and those above. Where there is none, pip would change the Python it stands in; den says so and ends.',
  ]
  for (const group of shared) {
    parts.push(`## ${group[0]!.toUpperCase()}${group.slice(1)} options`)
    if (group === 'general')
      parts.push('On every command, before or behind it; `--version` and `--python` before it only.')
    parts.push(
      optionTable(group === 'general' ? pipMain.flatMap((name) => pipGroups[name]!) : pipGroups[group]!, undefined),
    )
  }
  for (const [name, { groups }] of Object.entries(pipCommands)) {
    const words = commandWords[name]!
    parts.push(
      `## pip ${name}`,
      `${words.summary}.`,
      words.usage.map((form) => `    den pip ${name} ${form}`).join('\n'),
    )
    parts.push(...(words.about ?? []))
    const note = commandNotes[name]
    if (note !== undefined) parts.push(`Under den: ${note}`)
    const own = groups.filter((group) => !shared.includes(group))
    parts.push(...own.map((group) => optionTable(pipGroups[group]!, name)))
    const added = additionRows(name)
    if (added.length > 0) parts.push(table(added))
    const also = groups.filter((group) => shared.includes(group) && group !== 'general')
    if (also.length > 0) parts.push(`Also the ${also.join(' and the ')} options.`)
  }
  for (const name of Object.keys(additionalCommands)) {
    const words = commandWords[name]!
    parts.push(
      `## pip ${name}`,
      `${words.summary}.`,
      words.usage.map((form) => `    den pip ${name} ${form}`).join('\n'),
    )
    parts.push(...(words.about ?? []), table(additionRows(name)))
    const { keys = [], groups = [] } = additionalCommands[name]!
    if (keys.length > 0)
      parts.push(`Of pip’s options: ${keys.map((key) => `\`${pipOptions[key]!.spellings.at(-1)}\``).join(', ')}.`)
    if (groups.length > 0) parts.push(`Also the ${groups.join(' and the ')} options.`)
  }
  return parts
}
