// The projects that put packages in, and that a list of requirements does not name: an exact change leaves them where they are.

import type { ProjectName } from '../base/brand.ts'
import { normalizeName } from '../spec/name.ts'

export const installers: ReadonlySet<ProjectName> = new Set(['pip', 'setuptools', 'wheel'].map(normalizeName))
