// Interpreters: finding and inspecting them.

import type { ErrorTexts } from './text.ts'

export interface PythonErrorDetails {
  'python-not-found': {
    /** What was asked for, as it was written; empty when nothing was. */
    readonly request: string
    /** What asked for it: a file (.python-version, pyproject.toml, a script) or a variable; absent: the command line, or nobody. */
    readonly from?: string
    /** As what it asked, where that is a range that whole projects and scripts have. */
    readonly as?: 'requires-python'
    /** Where was looked, in order. */
    readonly looked: readonly string[]
    /** Working Pythons that are not what was asked for: "3.11.7 at /usr/bin/python3.11". */
    readonly found: readonly string[]
    /** Broken ones: "/opt/bin/python3: the link leads to …". */
    readonly broken: readonly string[]
  }
  'python-broken': {
    readonly executable: string
    readonly problem: string
    readonly reason: string
    /** The virtual environment the executable belongs to. */
    readonly environment?: string
    /** The file or the variable that asked for it. */
    readonly from?: string
  }
  'python-not-asked': { readonly executable: string; readonly reason: string }
}

function some(lines: readonly string[], most: number, between = '; '): string {
  const shown = lines.slice(0, most).join(between)
  return lines.length > most ? `${shown}${between}and ${lines.length - most} more` : shown
}

export const pythonErrors: ErrorTexts<PythonErrorDetails> = {
  'python-not-found': {
    what: ({ request, from, as }) =>
      request === '' || request === 'any'
        ? 'no Python is installed where den looks'
        : `no Python on this machine is ${request}${from === undefined ? '' : `, which ${as === undefined ? '' : `${as} in `}${from} asks for`}`,
    why: ({ looked, found, broken }) =>
      [
        // Each on a line of its own: paths are long.
        found.length > 0 ? `found: ${some(found, 8, '\n       ')}` : `looked in: ${some(looked, 8)}`,
        broken.length > 0 ? `broken: ${some(broken, 3, '\n        ')}` : undefined,
      ]
        .filter((line) => line !== undefined)
        .join('\n'),
    fix: ({ found, from, as }) => [
      ...(from === undefined ? [] : [as === undefined ? `name another version in ${from}` : `loosen ${as} in ${from}`]),
      found.length > 0
        ? 'see what there is: den python list'
        : "install one with the system's package manager, pyenv, conda or uv",
      'name an executable: --python /path/to/python',
    ],
  },
  'python-broken': {
    what: ({ executable, environment, from }) => {
      const which = from === undefined ? executable : `${executable}, which ${from} asks for,`
      return environment === undefined
        ? `${which} is no Python that works`
        : `${which} has lost the Python it was made from`
    },
    why: ({ reason }) => reason,
    fix: ({ environment, from }) => [
      ...(environment === undefined ? [] : [`den repair '${environment}'`]),
      ...(from === undefined ? [] : [`name another Python in ${from}`]),
      ...(environment === undefined ? ['see what there is: den python list'] : []),
    ],
  },
  'python-not-asked': {
    what: ({ executable }) => `den may not start ${executable}, and files do not tell what it is`,
    why: ({ reason }) => reason,
    fix: ({ executable }) => [
      `if you trust it, have den ask it once: den python info ${executable}`,
      'leave out --no-spawn, if that was given: den remembers the answer',
    ],
  },
}
