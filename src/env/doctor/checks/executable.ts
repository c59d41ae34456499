// Check 1: the environment's executable is a link whose end is gone, or a loop of links, or it isn't there.

import { formatPythonVersion } from '../../../python/interpreter.ts'
import { pythonLabel } from '../../label.ts'
import type { EnvironmentCheck, Found, RepairStep } from '../check.ts'
import type { Examination } from '../examination.ts'
import { word } from '../word.ts'

export const executableCheck: EnvironmentCheck = {
  id: 'executable',
  title: 'the executable leads to a Python',
  scope: 'environment',
  async run(examination) {
    const { environment, context } = examination
    if (environment.kind === 'conda' || environment.kind === 'pixi') return []
    const { files } = context.host
    const { python } = environment.paths
    const end = examination.executable()
    if (end.kind === 'loop') {
      return [await broken(examination, `${python} is a loop of links`, 'following it never ends')]
    }
    if (end.kind === 'dangling') {
      // Nothing at all is a half-made environment, which has a check of its own.
      if (files.lstat(python) === undefined) return []
      const target = files.readLink(python) ?? end.target
      const gone = end.target === target ? `${target} is gone` : `it leads on to ${end.target}, which is gone`
      return [await broken(examination, `${python} is a link that leads nowhere`, gone)]
    }
    const base = await examination.base()
    const copied = end.path.startsWith(environment.root)
    if (copied && base === undefined) {
      const home = environment.base.home ?? environment.base.prefix
      const why =
        home === undefined ? 'nothing in the environment names its base' : `its base was in ${home}, which is gone`
      return [await broken(examination, `${python} is a copy whose base is gone`, why)]
    }
    if (base?.problem !== undefined && base.problem.code !== 'not-asked') {
      return [
        await broken(examination, `${base.executable}, the base of the environment, does not work`, base.problem.text),
      ]
    }
    return []
  },
}

async function broken(examination: Examination, what: string, why: string): Promise<Found> {
  const { environment } = examination
  const replacement = await examination.replacement()
  const wanted = pythonLabel(environment)
  if (replacement === undefined) {
    return {
      severity: 'error',
      what,
      why: `${why}; no other ${wanted} is on this machine`,
      fix: [
        `install ${wanted} and then: den repair ${word(environment.root)}`,
        `or make the environment anew with another Python and install its packages again: den create --clear ${word(environment.root)}`,
      ],
      ...(environment.pythonVersion === undefined
        ? {}
        : { repair: [{ kind: 'reinstall', requirements: [] } as const] }),
    }
  }
  return {
    severity: 'error',
    what,
    why: `${why}; ${replacement.executable} is a ${wanted} too and can take its place, the packages stay`,
    fix: [`den repair ${word(environment.root)}`],
    repair: relinkTo(replacement),
  }
}

export function relinkTo(
  interpreter: NonNullable<Awaited<ReturnType<Examination['replacement']>>>,
): readonly RepairStep[] {
  return [{ kind: 'relink', executable: interpreter.executable, version: formatPythonVersion(interpreter.version) }]
}
