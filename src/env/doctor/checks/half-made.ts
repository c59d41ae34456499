// Check 7: a part is missing that every environment has, because making it or removing it was cut short: no executable, no
// site-packages, no pip although it was put in.

import { activationEntries } from '../../activation.ts'
import { denCommandKey } from '../../den-command.ts'
import { isStagingName } from '../../stage.ts'
import type { EnvironmentCheck, Found, RepairStep } from '../check.ts'
import type { Examination } from '../examination.ts'
import { word } from '../word.ts'
import { relinkTo } from './executable.ts'

export const halfMadeCheck: EnvironmentCheck = {
  id: 'half-made',
  title: 'nothing is missing that an environment consists of',
  scope: 'environment',
  async run(examination) {
    const { environment, context } = examination
    const { files, path } = context.host
    const { root, paths, kind } = environment
    if (kind === 'conda' || kind === 'pixi') return []
    const found: Found[] = []
    if (files.lstat(paths.python) === undefined) found.push(await noExecutable(examination))
    const library = files.stat(paths.purelib)
    if (library?.kind !== 'directory') found.push(noSitePackages(examination))
    else found.push(...pipGone(examination))
    const staged = (files.list(path.dirname(root)) ?? []).filter(
      ({ name }) => isStagingName(name) && name.startsWith(`.${path.basename(root).slice(0, 40)}.den-`),
    )
    for (const { name } of staged) {
      found.push({
        severity: 'note',
        what: `${path.join(path.dirname(root), name)} is being made, or was left half-made`,
        why: 'den prepares environments beside their place; what a killed den left is removed by the next one that works there',
        fix: [],
      })
    }
    return found
  },
}

async function noExecutable(examination: Examination): Promise<Found> {
  const { environment } = examination
  const replacement = await examination.replacement()
  const what = `there is no ${environment.paths.python}`
  if (environment.pythonVersion === undefined || replacement === undefined) {
    return {
      severity: 'error',
      what,
      why: 'making or removing the environment was cut short, and no Python on this machine fits what is there',
      fix: [
        `make it anew: den create --clear ${word(environment.root)}`,
        `or remove what is left: den env remove ${word(environment.root)}`,
      ],
    }
  }
  return {
    severity: 'error',
    what,
    why: `making or removing the environment was cut short; ${replacement.executable} fits what is there`,
    fix: [`den repair ${word(environment.root)}`],
    repair: [...relinkTo(replacement), ...lostActivation(examination)],
  }
}

/** With the whole scripts directory the activation scripts went too; what is there of them is another check's. */
function lostActivation({ environment, context, scripts }: Examination): readonly RepairStep[] {
  const { root, paths, relocatable, prompt } = environment
  // A path or prompt that no script can hold is the check of traps'.
  if (scripts().some(({ name }) => /^activate/i.test(name)) || /\p{Cc}/u.test(root + (prompt ?? ''))) return []
  const entries = activationEntries({
    root,
    paths,
    platform: context.host.platform,
    relocatable,
    ...(prompt === undefined ? {} : { prompt }),
  })
  return entries.flatMap((entry): RepairStep[] => {
    if (entry.kind !== 'file') return []
    const bytes = new TextEncoder().encode(entry.text)
    return [{ kind: 'change', change: { kind: 'write', path: entry.path, bytes, mode: entry.mode ?? 0o644 } }]
  })
}

function noSitePackages({ environment, context }: Examination): Found {
  const { root, paths, pythonVersion } = environment
  const relative = context.host.path.relative(root, paths.purelib).replaceAll('\\', '/')
  const known = pythonVersion !== undefined && relative.split('/').length > 2
  return {
    severity: 'error',
    what: `there is no ${paths.purelib}`,
    why: 'nothing can be installed; making the environment was cut short, or somebody deleted it',
    fix: known ? [`den repair ${word(root)}`] : [`make it anew: den create --clear ${word(root)}`],
    ...(known ? { repair: [{ kind: 'change', change: { kind: 'directory', path: relative } }] as const } : {}),
  }
}

/** pip's files without pip's record, its record without its files, or no pip where the maker says that it put it in. */
function pipGone({ environment, context, distributions, scripts }: Examination): readonly Found[] {
  const { files, path } = context.host
  const { paths, root, seeds } = environment
  const recorded = distributions().some(({ name }) => name === 'pip')
  const module = files.stat(path.join(paths.purelib, 'pip', '__init__.py')) !== undefined
  // Only a script that calls this environment's Python is pip's of this environment.
  const script = scripts().some(({ name, header }) => /^pip[\d.]*$/.test(name) && header !== undefined)
  const claimed = seeds?.some((seed) => seed.startsWith('pip')) === true
  if (recorded === module && (recorded || (!script && !claimed))) return []
  // The check of packages lists what is missing of an installed pip.
  if (recorded) return []
  const { base, cfg } = environment
  const remedy =
    cfg?.values.has(denCommandKey) === true && base.executable !== undefined
      ? `den create --upgrade --seed den -p ${word(base.executable)} ${word(root)}`
      : `${word(paths.python)} -m ensurepip --upgrade`
  return [
    {
      severity: 'warning',
      what: `pip was put into ${root} and is no longer whole`,
      why: module
        ? `${path.join(paths.purelib, 'pip')} is there without its .dist-info directory: an installation or removal was cut short`
        : `${script ? 'the script pip is there' : 'pyvenv.cfg says it was put in'}, the package is not`,
      fix: [remedy],
      repair: [{ kind: 'reinstall', requirements: ['pip'] }],
    },
  ]
}
