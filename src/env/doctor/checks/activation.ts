// Check 10: an activation script of a time when makers wrote paths and prompts into it unquoted, so that what a directory's name says
// is executed when the script is read (CVE-2024-9287 in venv, CVE-2024-53899 in virtualenv, uv's prompt).

import { isVulnerableActivate } from '../../activation.ts'
import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck } from '../check.ts'
import { word } from '../word.ts'

export const activationCheck: EnvironmentCheck = {
  id: 'activation',
  title: 'activation scripts execute nothing but themselves',
  scope: 'environment',
  run({ environment, context, scripts }) {
    const { root, kind } = environment
    // conda's base has a script of that name for all of its environments.
    if (kind === 'conda' || kind === 'pixi') return []
    const bad = scripts().filter(({ name, place }) => {
      if (!/^activate(?:\.\w+)?$/i.test(name)) return false
      const text = ifReadable(() => context.host.files.readText(place))
      return text !== undefined && isVulnerableActivate(text)
    })
    if (bad.length === 0) return []
    // What the shell would take for more than a name.
    const loaded = /["$`\\!']/.test(root) || /["$`\\!']/.test(environment.prompt ?? '')
    const names = bad.map(({ name }) => name).join(', ')
    return [
      {
        severity: loaded ? 'error' : 'note',
        what: `${bad.length === 1 ? 'the activation script' : 'the activation scripts'} ${names} of ${root} ${bad.length === 1 ? 'holds' : 'hold'} the path or the prompt unquoted`,
        why: loaded
          ? 'and this path or prompt holds characters that a shell executes'
          : 'this path and prompt hold nothing that a shell would execute; after a move they might (CVE-2024-9287, CVE-2024-53899)',
        fix: [`den repair ${word(root)}`],
        repair: [{ kind: 'activation' }],
      },
    ]
  },
}
