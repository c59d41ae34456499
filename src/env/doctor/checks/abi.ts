// Check 9: compiled packages that this Python cannot load: made for another version or build (cp311 in a 3.12 environment, a plain one
// in a free-threaded environment), or for another processor. By the tags of WHEEL, the names of extension modules and their headers.

import type { Environment } from '../../environment.ts'
import { pythonLabel } from '../../label.ts'
import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck, Found } from '../check.ts'
import type { Distribution } from '../distributions.ts'
import type { Examination } from '../examination.ts'
import { machineOf } from '../machine.ts'
import { word } from '../word.ts'

export const abiCheck: EnvironmentCheck = {
  id: 'abi',
  title: 'compiled packages fit this Python and this machine',
  scope: 'environment',
  async run(examination) {
    const { environment, distributions } = examination
    if (environment.pythonVersion === undefined || environment.implementation === 'graalpy') return []
    if (environment.kind === 'conda' || environment.kind === 'pixi') return []
    const machine = await ownMachine(examination)
    return distributions().flatMap((distribution) => {
      const reason = misfit(examination, distribution, machine)
      return reason === undefined ? [] : [finding(environment, distribution, reason)]
    })
  },
}

function finding(environment: Environment, { name, version }: Distribution, reason: string): Found {
  return {
    severity: 'error',
    what: `${name} ${version} was built for something else than ${pythonLabel(environment)} here`,
    why: `${reason}; importing it fails. Only a reinstall brings the right build`,
    fix: [`${word(environment.paths.python)} -m pip install --force-reinstall --no-deps ${name}==${version}`],
    repair: [{ kind: 'reinstall', requirements: [`${name}==${version}`] }],
  }
}

function misfit(
  { environment, context }: Examination,
  distribution: Distribution,
  machine: string | undefined,
): string | undefined {
  const { files, path } = context.host
  const tags = distribution.tags()
  if (tags.length > 0 && !tags.some((tag) => fitsPython(tag, environment))) {
    return `its WHEEL says ${[...new Set(tags)].slice(0, 2).join(', ')}`
  }
  const modules = distribution.record().filter((row) => /\.(?:so|pyd|dylib)$/.test(row))
  const wrong = modules.filter((row) => moduleFits(row, environment) === false)
  const stems = new Set(modules.filter((row) => moduleFits(row, environment) === true).map(stem))
  // A wheel may bring a module for several versions.
  const lost = wrong.find((row) => !stems.has(stem(row)))
  if (lost !== undefined) return `${lost} is for another Python`
  if (machine === undefined) return undefined
  for (const row of modules) {
    const head = ifReadable(() =>
      files.readBytes(path.resolve(environment.paths.purelib, row), { start: 0, length: 1024 }),
    )
    const made = head === undefined ? undefined : machineOf(head)
    if (made !== undefined && made !== 'universal' && made !== machine)
      return `${row} is for ${made}, the Python is for ${machine}`
  }
  return undefined
}

/** Whether a wheel with this tag works in the environment, its platform left aside (the module's own header knows better). */
export function fitsPython(tag: string, environment: Pick<Environment, 'pythonVersion' | 'implementation'>): boolean {
  const { pythonVersion: version, implementation } = environment
  const [python = '', abi = ''] = tag.split('-')
  if (version === undefined) return true
  const match = /^(py|cp|pp|graalpy|ip|jy)(\d)(\d*)$/.exec(python)
  // A tag of a kind not known here proves nothing.
  if (match === null) return true
  const [, tagged, majorText, minorText] = match
  const major = Number(majorText)
  const minor = minorText === '' ? undefined : Number(minorText)
  if (major !== version.major) return false
  if (tagged === 'py') return minor === undefined || minor <= version.minor
  if ((implementation === 'pypy') !== (tagged === 'pp')) return false
  if (tagged === 'pp') return minor === version.minor || abi === 'none'
  if (tagged !== 'cp') return false
  if (abi === 'abi3') return !version.freeThreaded && (minor ?? 0) <= version.minor
  if (abi === 'none') return minor === undefined || minor <= version.minor
  if (minor !== version.minor) return false
  return /^cp\d+[a-z]*t[a-z]*$/.test(abi) === version.freeThreaded
}

/** By its name's own tag; undefined for a module whose name has none. */
function moduleFits(row: string, environment: Environment): boolean | undefined {
  const { pythonVersion: version, implementation } = environment
  if (version === undefined) return undefined
  const named = /\.(?:cpython-(\d)(\d+)([a-z]*)|cp(\d)(\d+)([a-z]*)|(pypy)(\d)(\d+)-pp\d+)[-\w]*\.(?:so|pyd)$/.exec(row)
  if (named === null) return undefined
  if (named[7] !== undefined) {
    return implementation === 'pypy' && Number(named[8]) === version.major && Number(named[9]) === version.minor
  }
  const [major, minor, flags] = named[1] === undefined ? [named[4], named[5], named[6]] : [named[1], named[2], named[3]]
  return (
    implementation === 'cpython' &&
    Number(major) === version.major &&
    Number(minor) === version.minor &&
    (flags ?? '').includes('t') === version.freeThreaded
  )
}

function stem(row: string): string {
  return row.replace(/\.(?:cpython|cp\d|pypy)[\w-]*\.(?:so|pyd)$/, '')
}

async function ownMachine(examination: Examination): Promise<string | undefined> {
  const { context, executable, base } = examination
  const end = executable()
  if (end.kind !== 'found') return undefined
  // Windows' launcher in an environment may be of another kind than the interpreter it starts.
  const place = context.host.platform === 'win32' ? (await base())?.executable : end.path
  const head =
    place === undefined ? undefined : ifReadable(() => context.host.files.readBytes(place, { start: 0, length: 1024 }))
  const machine = head === undefined ? undefined : machineOf(head)
  return machine === 'universal' ? undefined : machine
}
