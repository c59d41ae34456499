// uv's project commands with every option, and what den does with it, for docs/reference/uv-commands.md. An option that den's command has by
// the same name is found in den's own table; the others have their words here. tests/e2e/peers/uv-commands.test.ts compares with uv's help.

import { everyCommand } from '../src/cli/options/common.ts'
import { type Command, spellings } from '../src/cli/options/option.ts'
import { commands } from '../src/cli/options/table.ts'

export interface UvCommand {
  /** "lock": after uv, and after den. */
  readonly name: string
  readonly says?: string
  /** Beside those that all have. */
  readonly options: string
}

const parts =
  '--extra --all-extras --no-extra --no-dev --only-dev --group --no-group --no-default-groups --only-group --all-groups'

export const uvCommands: readonly UvCommand[] = [
  {
    name: 'init',
    options:
      '--name --bare --package --no-package --app --lib --description --no-description --vcs --build-backend --no-readme --author-from --no-pin-python --no-workspace',
  },
  {
    name: 'add',
    options:
      '-r --requirements -c --constraints -m --marker --dev --optional --group --editable --raw --bounds --rev --tag --branch --lfs --extra --no-sync --locked --frozen --active --package --workspace --no-workspace --no-install-project --no-install-workspace --no-install-local --no-install-package --reinstall --reinstall-package --compile-bytecode --refresh --refresh-package',
  },
  {
    name: 'remove',
    options:
      '--dev --optional --group --no-sync --active --locked --frozen --package --reinstall --reinstall-package --compile-bytecode --refresh --refresh-package',
  },
  {
    name: 'lock',
    says: 'uv writes `uv.lock`, a format of its own; den writes `pylock.toml` (PEP 751), which pip and uv install from as well.',
    options: '--check --check-exists --dry-run --refresh --refresh-package',
  },
  {
    name: 'sync',
    options: `${parts} --output-format --no-editable --no-editable-package --inexact --active --no-install-project --no-install-workspace --no-install-local --no-install-package --locked --frozen --dry-run --all-packages --package --python-platform --check --reinstall --reinstall-package --compile-bytecode --refresh --refresh-package`,
  },
  {
    name: 'run',
    options: `${parts} -m --module --no-editable --no-editable-package --exact --env-file --no-env-file -w --with --with-editable --with-requirements --isolated --active --no-sync --locked --frozen -s --gui-script --all-packages --package --no-project --python-platform --reinstall --reinstall-package --compile-bytecode --refresh --refresh-package`,
  },
  {
    name: 'tree',
    says: 'Both tell what is for this Python and machine unless `--universal` is given.',
    options:
      '--universal --format -d --depth --prune --package --no-dedupe --invert --outdated --show-sizes --no-dev --only-dev --group --no-group --no-default-groups --only-group --all-groups --locked --frozen --python-version --python-platform',
  },
  {
    name: 'export',
    options: `${parts} --format --all-packages --package --prune --no-annotate --no-header --emit-index-url --emit-find-links --no-editable --no-editable-package --no-hashes -o --output-file --no-emit-project --no-emit-workspace --no-emit-local --no-emit-package --locked --frozen --refresh --refresh-package`,
  },
]

/** Of all of these commands. */
const everywhere =
  '--script -p --python --managed-python --no-managed-python --no-python-downloads -n --no-cache --cache-dir -q --quiet -v --verbose --color --system-certs --offline --allow-insecure-host --no-progress --directory --project --config-file --no-config -h --help'

/** Of all but `init`. */
const choosing =
  '--index --default-index -i --index-url --extra-index-url -f --find-links --no-index --index-strategy --keyring-provider -U --upgrade -P --upgrade-package --upgrade-group --resolution --prerelease --prerelease-package --fork-strategy --exclude-newer --exclude-newer-package --no-sources --no-sources-package --link-mode -C --config-setting --config-settings-package --no-build-isolation --no-build-isolation-package --no-build --no-build-package --no-binary --no-binary-package --require-build-hashes --no-require-build-hashes'

/** What an option comes to where den's command has none of that name. */
const instead: Readonly<Record<string, string>> = {
  '--managed-python': 'none: which Python is taken does not depend on who installed it',
  '--no-managed-python': 'none: which Python is taken does not depend on who installed it',
  '--no-python-downloads': 'not needed: den downloads no Python',
  '--no-cache': '`DEN_CACHE_DIR` at a directory of its own',
  '--cache-dir': '`DEN_CACHE_DIR`',
  '--system-certs': 'not needed: the system’s certificates count, besides `SSL_CERT_FILE` and the like',
  '--allow-insecure-host': '`PIP_TRUSTED_HOST`',
  '--project': '`-C`, `--directory`',
  '--config-file': '`DEN_CONFIG_FILE`',
  '--no-config': '`DEN_CONFIG_FILE` at a file that is not there',
  '--offline': 'not needed: this command asks nobody',
  '--package': 'none yet: workspaces are not read',
  '--all-packages': 'none yet: workspaces are not read',
  '--workspace': 'none yet: workspaces are not read',
  '--no-workspace': 'not needed: workspaces are not read yet',
  '--no-install-workspace': 'not needed: workspaces are not read yet',
  '--no-emit-workspace': 'not needed: workspaces are not read yet',
  '--no-install-local': '`--no-install-package` for each',
  '--no-emit-local': 'none; the line is one to take out',
  '--no-emit-package': 'none; the line is one to take out',
  '--no-description': 'leave `--description` out',
  '--lfs': 'none: what git is set up for decides',
  '--locked': 'none: `den lock --check` before it',
  '--frozen': 'not needed: the lock is read as it stands',
  '--active': '`den sync --active` after `--no-sync`',
  '--no-install-project': '`den sync --no-install-project` after `--no-sync`',
  '--no-install-package': '`den sync --no-install-package` after `--no-sync`',
  '--reinstall': '`den sync --reinstall`',
  '--reinstall-package': '`den sync --reinstall-package`',
  '--compile-bytecode': '`DEN_COMPILE_BYTECODE`; modules are compiled once for all environments in any case',
  '--refresh': 'not needed: this command asks no index',
  '--refresh-package': '`--refresh`, for all',
  '--check-exists': '`--frozen` of `den sync` refuses a lock that is not there',
  '--output-format': '`--json`',
  '--no-editable-package': 'none: `--no-editable`, for all',
  '--python-platform': 'none: a lock is for every platform, an environment for this one',
  '--python-version': '`--python`',
  '--gui-script': 'none: Windows’ pythonw is a program like others, `den run pythonw FILE`',
  '--format': '`--json`',
  '--prune': 'none',
  '--no-dedupe': 'none: what is told once is named after that',
  '--outdated': '`den outdated`',
  '--show-sizes': '`--sizes`',
  '--no-annotate': 'not needed: den writes no comments there',
  '--no-header': 'not needed: den writes no header there',
  '--emit-index-url': 'none: pass the index where it is installed from',
  '--emit-find-links': 'none: pass it where it is installed from',
  '--no-editable': 'none; `--no-project` leaves the project out',
  '--index-strategy': '`DEN_INDEX_STRATEGY`',
  '--keyring-provider': '`PIP_KEYRING_PROVIDER`',
  '--upgrade': '`den lock --upgrade`',
  '--upgrade-package': '`den lock --upgrade-package`',
  '--upgrade-group': 'none: `--upgrade-package` for each',
  '--prerelease-package': 'a pre-release in the requirement’s own bound, `>=2.0rc1`',
  '--exclude-newer-package': 'none: `--exclude-newer`, for all',
  '--no-sources': 'none: sources of pyproject.toml are heeded',
  '--no-sources-package': 'none: sources of pyproject.toml are heeded',
  '--link-mode': '`DEN_LINK_MODE`',
  '--config-setting': 'none yet; `den pip install -C KEY=VALUE`',
  '--config-settings-package': 'none yet; `den pip install -C KEY=VALUE`',
  '--no-build-isolation-package': 'none: `--no-build-isolation`, for all',
  '--no-build': '`--no-build-package :all:`',
  '--no-binary': '`--no-binary-package :all:`',
  '--require-build-hashes': 'none: what builds need is not locked',
  '--no-require-build-hashes': 'not needed',
}

/** How an option without a name of its own in den's command is asked for of another one. */
const elsewhere: Readonly<Record<string, string>> = {
  '--index': '`den lock` has it; this command asks no index',
  '--default-index': '`den lock` has it; this command asks no index',
  '--index-url': '`den lock` has it; this command asks no index',
  '--extra-index-url': '`den lock` has it; this command asks no index',
  '--find-links': '`den lock` has it; this command asks no index',
  '--no-index': '`den lock` has it; this command asks no index',
  '--resolution': '`den lock` has it; this command chooses no versions',
  '--prerelease': '`den lock` has it; this command chooses no versions',
  '--fork-strategy': '`den lock` has it; this command chooses no versions',
  '--exclude-newer': '`den lock` has it; this command chooses no versions',
  '--no-build-package': '`den lock` has it; this command builds nothing',
  '--no-binary-package': '`den lock` has it; this command builds nothing',
  '--no-build-isolation': '`den lock` has it; this command builds nothing',
  '--python': '`--for-python`',
}

/** Short spellings stand with the long one that follows them in uv's help. */
const longOf: Readonly<Record<string, string>> = {
  '-i': '--index-url',
  '-U': '--upgrade',
  '-P': '--upgrade-package',
  '-f': '--find-links',
  '-n': '--no-cache',
  '-p': '--python',
  '-C': '--config-setting',
}

/** These mean another thing in den. */
const otherwise: Readonly<Record<string, string>> = {
  '-C': 'in den `-C` is `--directory`',
  '-n': 'in den `-n` is `--name`',
}

/** Every option of a command, as uv's help has them. */
export function optionsOf({ name, options }: UvCommand): readonly string[] {
  return `${options} ${name === 'init' ? '' : `${choosing} `}${everywhere}`.split(' ')
}

export interface UvRow {
  readonly options: readonly string[]
  readonly says: string
}

/** What den does with each, those that are the same in one row. Throws for an option of which nobody has said anything. */
export function rowsOf(uv: UvCommand): readonly UvRow[] {
  const own = new Set([...commandOf(uv.name).options, ...everyCommand].flatMap(spellings))
  const byWords = new Map<string, string[]>([['the same', []]])
  for (const option of optionsOf(uv)) {
    const long = longOf[option] ?? option
    const words =
      otherwise[option] ?? (own.has(option) || own.has(long) ? 'the same' : (instead[long] ?? elsewhere[long]))
    if (words === undefined) throw new Error(`nothing is said of uv ${uv.name} ${option}`)
    byWords.set(words, [...(byWords.get(words) ?? []), option])
  }
  return [...byWords].filter(([, options]) => options.length > 0).map(([says, options]) => ({ options, says }))
}

function commandOf(name: string): Command {
  const command = commands.find((one) => one.name === name)
  if (command === undefined) throw new Error(`den has no command ${name}`)
  return command
}

/** Commands of uv that are about projects or next to them, and have no table of their own. */
export const otherUvCommands: readonly (readonly [string, string])[] = [
  ['uv version', 'edit `version` in pyproject.toml; den has no command for it yet'],
  ['uv build, uv publish', 'none yet; `den pip wheel .` builds a wheel'],
  ['uv tool, uvx', 'none yet; `den run --with PACKAGE COMMAND` for one run'],
  ['uv audit', '`den audit`'],
  ['uv format, uv check', 'none: `den run ruff format` with ruff as a dependency'],
  ['uv workspace', 'none yet: workspaces are not read'],
  ['uv python', '`den python list`, `find`, `info` and `pin`; den installs no Pythons yet'],
  ['uv pip', '`den pip`: [pip.md](pip.md)'],
  ['uv venv', '`den create`: [flags-of-the-peers.md](flags-of-the-peers.md)'],
  ['uv cache, uv self', '`den cache`, `den store`; den is renewed by whoever installed it'],
  ['uv auth', 'none: credentials are pip’s (the address, netrc, keyring)'],
]

/** What den has and uv has not, among the commands about projects. */
export const onlyInDen: readonly (readonly [string, string])[] = [
  ['den upgrade', 'raises the bounds in pyproject.toml too, and asks for each with `-i`'],
  ['den why', 'who asks for a package, and why it is in this version and no newer one'],
  ['den outdated', 'what the lock holds that has newer releases, and what keeps it'],
  ['den undo, den history', 'an environment as it was before a change'],
]
