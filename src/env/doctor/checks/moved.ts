// Check 4: the environment was moved, or is a copy of another; its scripts still call the Python of the old place.

import { readEnvironment } from '../../environment.ts'
import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck } from '../check.ts'
import { activationRoot, formerRoots } from '../former-roots.ts'
import { word } from '../word.ts'

export const movedCheck: EnvironmentCheck = {
  id: 'moved',
  title: 'scripts and activation know where the environment is',
  scope: 'environment',
  run(examination) {
    const { environment, context } = examination
    const { roots, witnesses } = formerRoots(examination)
    const [old] = roots
    if (old === undefined) return []
    const { files, path } = context.host
    // A copy: the other one is still there and calls itself so.
    const other = ifReadable(() => readEnvironment(context.host, old))
    const literal = ifReadable(() =>
      files.readText(path.join(old, path.basename(environment.paths.scripts), 'activate')),
    )
    const copied = other !== undefined && (literal === undefined || (activationRoot(literal) ?? old) === old)
    // A conda environment holds its path inside of compiled files too; only conda can write it anew.
    const mendable = environment.kind !== 'conda' && environment.kind !== 'pixi'
    const list =
      witnesses.length > 4
        ? `${witnesses.slice(0, 4).join(', ')} and ${witnesses.length - 4} more`
        : witnesses.join(', ')
    return [
      {
        severity: 'error',
        what: copied
          ? `${environment.root} is a copy of ${old}, and parts of it still use that one`
          : `${environment.root} was ${old} once, and parts of it still look there`,
        why: `${list} in ${environment.paths.scripts} ${witnesses.length === 1 ? 'names' : 'name'} the old path${copied ? '; what one installs here by them lands there' : ''}`,
        fix: mendable
          ? [
              `den repair ${word(environment.root)}`,
              `next time: den env ${copied ? 'cp' : 'mv'} ${word(old)} ${word(environment.root)}`,
            ]
          : [
              copied
                ? `make the copy anew: conda create --clone ${word(old)} --prefix ${word(environment.root)}`
                : `move it back to ${word(old)}, then: conda rename`,
            ],
        ...(mendable ? { repair: [{ kind: 'relocate', from: roots }] as const } : {}),
      },
    ]
  },
}
