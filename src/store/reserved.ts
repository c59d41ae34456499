// Names that belong to the environment itself: a distribution that could put them there would choose the interpreter, or the code
// that runs when someone activates. Refused in any case, because some file systems ignore it.

import type { SchemeKey } from './manifest.ts'

/** python, python3.13t, pythonw.exe, pypy3.10, graalpy: the names of interpreters in every layout. */
const interpreter = /^(?:python|pypy|graalpy)[\d.]*[td]{0,2}w?(?:\.exe)?$/i
/** activate, activate.fish, Activate.ps1, activate_this.py, deactivate.bat; not activate-global-python-argcomplete. */
const activation = /^(?:(?:de)?activate(?:\.[a-z0-9]+)?|activate_this\.py)$/i

/** Whether a file at `path` (relative to the scheme's directory, with `/`) would replace a part of the environment itself. */
export function isReserved(scheme: SchemeKey, path: string): boolean {
  const segments = path.toLowerCase().split('/')
  const [first = '', second = ''] = segments
  switch (scheme) {
    case 'scripts':
      return segments.length === 1 && isReservedScript(first)
    case 'purelib':
    case 'platlib':
      return segments.length === 1 && /^_virtualenv\./.test(first)
    case 'data':
      if (segments.length === 1) return first === 'pyvenv.cfg'
      if (segments.length === 2 && (first === 'bin' || first === 'scripts')) return isReservedScript(second)
      // What stands in for the standard library: Python 2.7 takes its own from there.
      return (
        segments.length === 3 &&
        /^lib(?:64)?$/.test(first) &&
        /^(?:python|pypy)\d/.test(second) &&
        /^(?:site|os|sitecustomize)\.py[co]?$/.test(segments[2]!)
      )
    case 'headers':
      return false
  }
}

/** Whether a script may not be called so. */
export function isReservedScript(name: string): boolean {
  return interpreter.test(name) || activation.test(name) || /^pyvenv\.cfg$/i.test(name)
}
