// Check 8: what RECORD lists and what is there differ: packages with missing files, scripts of packages that are gone, what an
// interrupted pip left, one project twice.

import { type Host, variable } from '../../../host/host.ts'
import { isDenPip } from '../../den-pip.ts'
import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck, Found, RepairStep } from '../check.ts'
import { type ConsoleEntry, formatConsoleScript, parseConsoleEntries, parseConsoleScript } from '../console-script.ts'
import type { Distribution } from '../distributions.ts'
import type { Examination } from '../examination.ts'
import { word } from '../word.ts'
import { setAside } from './set-aside.ts'

export const packagesCheck: EnvironmentCheck = {
  id: 'packages',
  title: 'installed packages are whole',
  scope: 'environment',
  async run(examination) {
    if (examination.environment.kind === 'conda' || examination.environment.kind === 'pixi') return []
    const tree = await examination.tree()
    return [
      ...damaged(examination, tree),
      ...(await orphanedScripts(examination)),
      ...setAside(examination),
      ...emptyRecords(examination),
      ...doubled(examination),
    ]
  },
}

/** Compiled files come and go by themselves. */
const incidental = /(?:\.py[co]$|(?:^|\/)__pycache__(?:\/|$))/

function damaged(examination: Examination, tree: ReadonlySet<string>): readonly Found[] {
  const { environment, context, distributions } = examination
  const { files, path } = context.host
  const { purelib, python, scripts } = environment.paths
  const found: Found[] = []
  const there = (row: string): boolean => {
    const place = path.resolve(purelib, row)
    const relative = path.relative(environment.root, place).replaceAll('\\', '/')
    // What stands behind a linked directory, or outside, is not in the tree that was read.
    return tree.has(relative) || files.lstat(place) !== undefined
  }
  for (const distribution of distributions()) {
    const rows = distribution.record().filter((row) => !incidental.test(row))
    const missing = rows.filter((row) => !there(row))
    if (missing.length === 0) continue
    const names =
      missing.length > 3 ? `${missing.slice(0, 3).join(', ')} and ${missing.length - 3} more` : missing.join(', ')
    const label = `${distribution.name} ${distribution.version}`
    const regained = regainScripts(examination, distribution, missing)
    if (regained !== undefined) {
      found.push({
        severity: 'error',
        what: `${missing.length === 1 ? 'a script' : `${missing.length} scripts`} of ${label} ${missing.length === 1 ? 'is' : 'are'} missing`,
        why: `RECORD lists ${names}, and there is no such file in ${scripts}; entry_points.txt tells what to write`,
        fix: [`den repair ${word(environment.root)}`],
        repair: regained,
      })
      continue
    }
    found.push({
      severity: 'error',
      what: `${label} is not whole: ${missing.length} of its ${rows.length} files ${missing.length === 1 ? 'is' : 'are'} missing`,
      why: `RECORD lists ${names}; the rest of the package is there`,
      fix: [
        `den repair ${word(environment.root)}`,
        // den's own is on no index.
        ...(isDenPip({ project: distribution.name, version: distribution.version })
          ? []
          : [
              `${word(python)} -m pip install --force-reinstall --no-deps ${distribution.name}==${distribution.version}`,
            ]),
      ],
      repair: [{ kind: 'packages', requirements: [`${distribution.name}==${distribution.version}`] }],
    })
  }
  return found
}

/** Where nothing but console scripts is missing, they can be written from the entry points. */
function regainScripts(
  { environment, context }: Examination,
  distribution: Distribution,
  missing: readonly string[],
): readonly RepairStep[] | undefined {
  const { path, platform } = context.host
  if (platform === 'win32') return undefined
  const { purelib, scripts, python } = environment.paths
  const entries = parseConsoleEntries(distribution.entryPoints())
  const steps: RepairStep[] = []
  for (const row of missing) {
    const place = path.resolve(purelib, row)
    const entry = entryOf(entries, path.basename(place))
    if (path.dirname(place) !== scripts || entry === undefined) return undefined
    const text = formatConsoleScript({ entry, python, platform, relocatable: environment.relocatable })
    const change = {
      kind: 'write',
      path: path.relative(environment.root, place),
      bytes: new TextEncoder().encode(text),
      mode: 0o755,
    } as const
    steps.push({ kind: 'change', change })
  }
  return steps
}

/** pip and easy_install are installed under versioned names too (pip3.12, easy_install-3.8), which no entry point lists. */
function entryOf(entries: ReadonlyMap<string, ConsoleEntry>, name: string): ConsoleEntry | undefined {
  const versioned = /^(?:(pip)\d+(?:\.\d+)?|(easy_install)-\d+\.\d+)$/.exec(name)
  return entries.get(name) ?? (versioned === null ? undefined : entries.get((versioned[1] ?? versioned[2])!))
}

async function orphanedScripts(examination: Examination): Promise<readonly Found[]> {
  const { environment, context, distributions, scripts } = examination
  // With the base's packages in sight a script may call one of those.
  if (environment.systemSitePackages) return []
  const { files, path } = context.host
  const { paths } = environment
  const { purelib, root } = paths
  // With all packages gone the scripts are the last trace of which ones there were.
  if (ifReadable(() => files.stat(purelib)) === undefined) return []
  const claimed = new Set(
    distributions().flatMap((distribution) =>
      distribution
        .record()
        .filter((row) => row.startsWith('..') || path.isAbsolute(row))
        .map((row) => path.resolve(purelib, row)),
    ),
  )
  // Editable and old-style installs bring modules from elsewhere and no RECORD; then one cannot tell.
  const library = (files.list(purelib) ?? []).map(({ name }) => name)
  if (
    library.some(
      (name) =>
        /\.(?:egg-link|egg-info|egg|pth)$/.test(name) && !/^(?:distutils-precedence|_virtualenv)\.pth$/.test(name),
    )
  )
    return []
  const modules = new Set(library.map((name) => name.replace(/(?:\.cpython-[\w-]+|\.abi3)?\.(?:py|pyc|so|pyd)$/, '')))
  const stdlib = (await examination.base())?.interpreter?.stdlib
  // The standard library, what lies beside the script, and PYTHONPATH are looked into as well when it runs.
  const elsewhere = [paths.scripts, ...(stdlib === undefined ? [] : [stdlib]), ...pythonPath(context.host)]
  const isElsewhere = (module: string): boolean =>
    elsewhere.some((directory) =>
      [module, `${module}.py`].some((name) => ifReadable(() => files.lstat(path.join(directory, name))) !== undefined),
    )
  const orphans = scripts().flatMap(({ name, place, head, header }) => {
    if (header === undefined || claimed.has(place)) return []
    const module = parseConsoleScript(head.slice(header.length))?.module.split('.')[0]
    return module === undefined || modules.has(module) || isElsewhere(module) ? [] : [{ name, place, module }]
  })
  return orphans.map(({ name, place, module }) => ({
    severity: 'warning',
    what: `the script ${name} belongs to a package that is gone`,
    why: `it imports ${module}, which is not installed here, and no package lists it`,
    fix: [`den repair ${word(root)}`],
    repair: [
      {
        kind: 'change',
        change: { kind: 'remove', path: path.relative(root, place) },
      },
    ],
  }))
}

function pythonPath(host: Host): readonly string[] {
  return (variable(host, 'PYTHONPATH') ?? '').split(host.path.delimiter).filter((entry) => host.path.isAbsolute(entry))
}

function emptyRecords({ environment, distributions, context }: Examination): readonly Found[] {
  const { path } = context.host
  const { root } = environment.paths
  const found: Found[] = []
  for (const { directory, hasMetadata, hasRecord, name } of distributions()) {
    if (hasMetadata || hasRecord) continue
    found.push({
      severity: 'warning',
      what: `${directory} is an empty record of ${name}`,
      why: 'it has neither METADATA nor RECORD: an installation or removal was cut short, and tools take the package for installed',
      fix: [`den repair ${word(root)}`],
      repair: [{ kind: 'change', change: { kind: 'remove', path: path.relative(root, directory) } }],
    })
  }
  return found
}

function doubled({ environment, distributions }: Examination): readonly Found[] {
  const byName = new Map<string, Distribution[]>()
  for (const distribution of distributions()) {
    if (!distribution.hasMetadata) continue
    const key = distribution.name.toLowerCase().replace(/[-_.]+/g, '-')
    byName.set(key, [...(byName.get(key) ?? []), distribution])
  }
  return [...byName].flatMap(([name, copies]) => {
    if (copies.length < 2) return []
    const versions = copies.map(({ version }) => version).join(' and ')
    return [
      {
        severity: 'error' as const,
        what: `${name} is installed ${copies.length} times: ${versions}`,
        why: 'their files lie in one directory, so that neither may be whole; an upgrade was cut short',
        fix: [`${word(environment.paths.python)} -m pip install --force-reinstall --no-deps ${name}`],
        repair: [{ kind: 'reinstall' as const, requirements: [name] }],
      },
    ]
  })
}
