// conda, mamba and micromamba: their installations and environments, as the locator of Pythons finds them; also those without Python.

import { environments, installations } from '../../python/locators/conda.ts'
import type { EnvironmentLocator } from './locator.ts'

export const condaLocator: EnvironmentLocator = {
  name: 'conda',
  *find({ host }) {
    const { path } = host
    const roots = installations(host)
    for (const root of roots) yield { root, kind: 'conda' }
    for (const root of environments(host, roots)) {
      const named = path.basename(path.dirname(root)) === 'envs'
      yield { root, ...(named ? { name: path.basename(root) } : {}) }
    }
  },
}
