// What den adds to pip's command line: commands of its own, and options whose beginnings never stand in the way of pip's.

import { type PipOption, pipGroups } from './grammar.ts'

export interface AdditionalCommand {
  readonly operands: string
  /** pip's options that it takes as well: whole groups, and single ones by their keys in `pipOptions`. */
  readonly groups?: readonly string[]
  readonly keys?: readonly string[]
}

const choosing = ['package selection', 'package index'] as const

/** Commands. */
export const additionalCommands: Readonly<Record<string, AdditionalCommand>> = {
  compile: {
    operands: '<file> ...',
    groups: choosing,
    keys: [
      'constraint',
      'build-constraint',
      'no-deps',
      'platform',
      'python-version',
      'implementation',
      'abi',
      'src',
      'ignore-requires-python',
      'no-build-isolation',
      'check-build-dependencies',
      'config-settings',
      'progress-bar',
      'group',
      'no-clean',
    ],
  },
  sync: {
    operands: '<file> ...',
    groups: choosing,
    keys: [
      'constraint',
      'build-constraint',
      'dry-run',
      'target',
      'prefix',
      'root',
      'src',
      'force-reinstall',
      'ignore-requires-python',
      'no-build-isolation',
      'check-build-dependencies',
      'break-system-packages',
      'config-settings',
      'compile',
      'no-compile',
      'no-warn-script-location',
      'no-warn-conflicts',
      'require-hashes',
      'no-require-hashes',
      'progress-bar',
      'root-user-action',
      'report',
      'group',
      'no-clean',
    ],
  },
  upgrade: {
    operands: '<package> ...',
    groups: choosing,
    keys: [
      'requirement',
      'constraint',
      'build-constraint',
      'dry-run',
      'ignore-requires-python',
      'no-build-isolation',
      'check-build-dependencies',
      'break-system-packages',
      'config-settings',
      'compile',
      'no-compile',
      'no-warn-script-location',
      'no-warn-conflicts',
      'require-hashes',
      'no-require-hashes',
      'progress-bar',
      'root-user-action',
      'report',
      'no-clean',
    ],
  },
  autoremove: { operands: '', keys: ['yes', 'dry-run', 'break-system-packages', 'root-user-action'] },
  tree: { operands: '[<package> ...]' },
  why: { operands: '<package> ...' },
}

const json: PipOption = { spellings: ['--json'], dest: 'json', action: 'store_true' }

const override: PipOption = {
  spellings: ['--override', '--overrides'],
  dest: 'overrides',
  action: 'append',
  type: 'text',
  metavar: 'file',
}

const indexStrategy: PipOption = {
  spellings: ['--index-strategy'],
  dest: 'index_strategy',
  action: 'store',
  type: 'choice',
  choices: ['first-index', 'best-version', 'unsafe-best-match'],
  metavar: 'strategy',
}

const flag = (spelling: string, dest: string): PipOption => ({ spellings: [spelling], dest, action: 'store_true' })

const compileOptions: readonly PipOption[] = [
  { spellings: ['-o', '--output-file'], dest: 'compile_output', action: 'store', type: 'path', metavar: 'file' },
  flag('--generate-hashes', 'generate_hashes'),
  { spellings: ['-U', '--upgrade'], dest: 'upgrade', action: 'store_true' },
  {
    spellings: ['-P', '--upgrade-package'],
    dest: 'upgrade_packages',
    action: 'append',
    type: 'text',
    metavar: 'package',
  },
  { spellings: ['--extra'], dest: 'extras', action: 'append', type: 'text', metavar: 'extra' },
  flag('--all-extras', 'all_extras'),
  {
    spellings: ['--resolution'],
    dest: 'resolution',
    action: 'store',
    type: 'choice',
    choices: ['highest', 'lowest', 'lowest-direct'],
    metavar: 'resolution',
  },
  {
    spellings: ['--unsafe-package', '--no-emit-package'],
    dest: 'left_out',
    action: 'append',
    type: 'text',
    metavar: 'package',
  },
  flag('--no-strip-extras', 'keep_extras'),
  flag('--strip-extras', 'strip_extras'),
  flag('--no-annotate', 'no_annotate'),
  flag('--no-header', 'no_header'),
  flag('--emit-index-url', 'emit_index_url'),
  flag('--universal', 'universal'),
]

/** Options by command. */
export const additionalOptions: Readonly<Record<string, readonly PipOption[]>> = {
  install: [override, indexStrategy, flag('--exact', 'exact'), json],
  lock: [override, indexStrategy, json],
  download: [override, indexStrategy, json],
  wheel: [override, indexStrategy, json],
  index: [indexStrategy],
  uninstall: [json],
  list: [indexStrategy, json],
  freeze: [json],
  show: [json],
  check: [json],
  inspect: [json],
  hash: [json],
  cache: [json],
  config: [json],
  compile: [...compileOptions, override, indexStrategy, json],
  sync: [flag('--allow-empty-requirements', 'allow_empty'), indexStrategy, json],
  upgrade: [flag('--all', 'upgrade_all'), override, indexStrategy, json],
  autoremove: [json],
  tree: [
    { spellings: ['--invert', '--reverse'], dest: 'invert', action: 'store_true' },
    { spellings: ['-d', '--depth'], dest: 'depth', action: 'store', type: 'int', metavar: 'n' },
    json,
  ],
  why: [json],
}

/** The options of pip's that one of den's commands takes, in the order of help; those of the general group aside. */
export function borrowedOptions({ groups = [], keys = [] }: AdditionalCommand): readonly string[] {
  return [...keys, ...groups.flatMap((group) => pipGroups[group]!)]
}
