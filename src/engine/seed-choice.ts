// Which seeds an environment gets, and which release of each fits a Python: the last ones for those that are no longer supported.

import type { PythonVersion } from '../python/interpreter.ts'
import type { WheelFilename } from '../spec/filename.ts'

export type SeedName = 'pip' | 'setuptools' | 'wheel'

/**
 * For each seed: `embed`, the wheel that the base interpreter brings for ensurepip; `bundle`, the best one that need not be looked for
 * (the last release for an old Python, otherwise as `embed`); `latest`, the newest that the index has; a version; for pip also `den`,
 * den's own, which hands everything to den; or none.
 */
export type SeedWishes = Readonly<Partial<Record<SeedName, string | false>>>

/** In the order in which they are installed. */
export const seedNames: readonly SeedName[] = ['pip', 'setuptools', 'wheel']

/**
 * What `python -m venv` and virtualenv put in by themselves. venv: pip, and setuptools up to 3.11. virtualenv: the same, with
 * setuptools and wheel for Pythons whose pip can't build without them (up to 3.11, and up to 3.8).
 */
export function defaultSeeds(version: Pick<PythonVersion, 'major' | 'minor'>, like: 'venv' | 'virtualenv'): SeedWishes {
  const { major, minor } = version
  const upTo = (last: number): boolean => major === 2 || (major === 3 && minor <= last)
  const wish = like === 'venv' ? 'embed' : 'bundle'
  return {
    pip: wish,
    setuptools: upTo(11) ? wish : false,
    wheel: like === 'virtualenv' && upTo(8) ? wish : false,
  }
}

/** The last releases that run on Pythons which the projects have left behind. */
const lastReleases: Readonly<Record<string, Readonly<Record<SeedName, string>>>> = {
  '2.7': { pip: '20.3.4', setuptools: '44.1.1', wheel: '0.37.1' },
  '3.4': { pip: '19.1.1', setuptools: '43.0.0', wheel: '0.33.6' },
  '3.5': { pip: '20.3.4', setuptools: '50.3.2', wheel: '0.37.1' },
  '3.6': { pip: '21.3.1', setuptools: '59.6.0', wheel: '0.37.1' },
  '3.7': { pip: '24.0', setuptools: '68.0.0', wheel: '0.42.0' },
  '3.8': { pip: '25.0.1', setuptools: '75.3.4', wheel: '0.45.1' },
}

/** The last release of a seed for this Python; undefined while new ones appear. */
export function lastRelease(version: Pick<PythonVersion, 'major' | 'minor'>, name: SeedName): string | undefined {
  return lastReleases[`${version.major}.${version.minor}`]?.[name]
}

/** Whether a pure wheel's tags fit a Python: `py3`, `py2.py3`, `py38` and older minor versions; ABI none, any platform (PEP 425). */
export function fitsPython(wheel: WheelFilename, version: Pick<PythonVersion, 'major' | 'minor'>): boolean {
  if (!wheel.abiTags.includes('none') || !wheel.platformTags.includes('any')) return false
  return wheel.pythonTags.some((tag) => {
    const match = /^py(\d)(\d*)$/.exec(tag)
    if (match === null || Number(match[1]) !== version.major) return false
    return match[2] === '' || Number(match[2]) <= version.minor
  })
}
