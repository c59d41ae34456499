// Check 5: pyvenv.cfg does not say whether the base's packages are seen; then Python takes it for yes.

import type { EnvironmentCheck } from '../check.ts'
import { word } from '../word.ts'

export const systemSiteFlagCheck: EnvironmentCheck = {
  id: 'system-site-flag',
  title: 'pyvenv.cfg says whether the base packages are seen',
  scope: 'environment',
  run({ environment, context }) {
    const { cfg, root } = environment
    if (cfg === undefined) return []
    const value = cfg.values.get('include-system-site-packages')
    const file = context.host.path.join(root, 'pyvenv.cfg')
    const repair = [{ kind: 'configure', values: { 'include-system-site-packages': 'false' } }] as const
    if (value === undefined) {
      return [
        {
          severity: 'error',
          what: `${file} has no line include-system-site-packages`,
          why: "a missing line counts as true, so that the base Python's packages and the user's are seen in here",
          fix: [`den repair ${word(root)}`, `to keep them seen, write it down: include-system-site-packages = true`],
          repair,
        },
      ]
    }
    if (/^(?:true|false)$/i.test(value)) return []
    return [
      {
        severity: 'warning',
        what: `${file} says include-system-site-packages = ${value}`,
        why: 'only true means true; Python takes everything else for false',
        fix: [`den repair ${word(root)}`],
        repair,
      },
    ]
  },
}
