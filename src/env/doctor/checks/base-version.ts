// Check 3: the base moved on to another minor version under the link, so that Python looks for packages in a directory that isn't there.

import { libraryVersion } from '../../../python/interpreter.ts'
import { pythonLabel } from '../../label.ts'
import type { EnvironmentCheck } from '../check.ts'
import { word } from '../word.ts'
import { relinkTo } from './executable.ts'

export const baseVersionCheck: EnvironmentCheck = {
  id: 'base-version',
  title: 'the base is still the version the environment was made for',
  scope: 'environment',
  async run(examination) {
    const { environment } = examination
    const version = environment.pythonVersion
    if (version === undefined || environment.kind === 'conda' || environment.kind === 'pixi') return []
    const base = await examination.base()
    const interpreter = base?.interpreter
    if (interpreter === undefined) return []
    const had = `${version.major}.${version.minor}${version.freeThreaded ? 't' : ''}`
    const has = libraryVersion(interpreter)
    if (had === has) return []
    const replacement = await examination.replacement()
    const facts = `the packages are in ${environment.paths.purelib}; Python ${has} does not look there`
    if (replacement === undefined) {
      return [
        {
          severity: 'error',
          what: `the environment was made for Python ${had}, and its base is Python ${has} now`,
          why: `${facts}, and no ${pythonLabel(environment)} is on this machine any more`,
          fix: [
            `install ${pythonLabel(environment)} and then: den repair ${word(environment.root)}`,
            `or make it anew for Python ${has} and install its packages again: den create --clear ${word(environment.root)}`,
          ],
          repair: [{ kind: 'reinstall', requirements: requirementsOf(examination.distributions()) }],
        },
      ]
    }
    return [
      {
        severity: 'error',
        what: `the environment was made for Python ${had}, and its base is Python ${has} now`,
        why: `${facts}; ${replacement.executable} is the version it was made for`,
        fix: [`den repair ${word(environment.root)}`],
        repair: relinkTo(replacement),
      },
    ]
  },
}

/** "name==version" of each installed distribution. */
export function requirementsOf(
  distributions: readonly { readonly name: string; readonly version: string }[],
): readonly string[] {
  return distributions.filter(({ version }) => version !== '').map(({ name, version }) => `${name}==${version}`)
}
