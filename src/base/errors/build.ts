// Building from source: backends that fail, and sources that cannot be built.

import type { ErrorTexts } from './text.ts'

export interface BuildErrorDetails {
  'build-failed': {
    readonly distribution: string
    readonly hook: string
    readonly code: number | undefined
    readonly endedBy: string | undefined
    /** The last lines of what the backend said. */
    readonly said: readonly string[]
    readonly network: 'allowed' | 'none'
  }
  'build-timeout': {
    readonly distribution: string
    readonly hook: string
    readonly seconds: number
    readonly said: readonly string[]
  }
  /** A source tree, or what its backend made, that the standards don't allow. */
  'build-invalid': { readonly distribution: string; readonly reason: string }
  'build-forbidden': { readonly distribution: string; readonly reason: string }
  'build-dependencies-missing': { readonly distribution: string; readonly missing: readonly string[] }
}

export const buildErrors: ErrorTexts<BuildErrorDetails> = {
  'build-failed': {
    what: ({ distribution }) => `${distribution} could not be built`,
    why: ({ hook, code, endedBy, said }) => {
      const end = endedBy !== undefined ? `was ended by ${endedBy}` : code === 0 ? 'gave no answer' : `failed (${code})`
      return [`its backend’s ${hook} ${end}${said.length === 0 ? ' and said nothing' : ':'}`, ...said].join('\n')
    },
    fix: ({ distribution, network, said }) => [
      isDirectory(distribution)
        ? 'mend what the backend complains of: the source is here'
        : 'use a release that has a wheel for this Python: --only-binary :all:',
      ...(network === 'none' && said.some(soundsLikeNetwork)
        ? ['it was built without a network; where the source is trusted, allow one: DEN_BUILD_NETWORK=1']
        : []),
      isDirectory(distribution)
        ? 'if it is to be no package, and only what it depends on is wanted: package = false in its [tool.den]'
        : 'see what it needs in the project’s own instructions: compilers and libraries are not den’s to install',
    ],
  },
  'build-timeout': {
    what: ({ distribution, seconds }) => `${distribution} was not built within ${seconds} s`,
    why: ({ hook, said }) => [`its backend’s ${hook} was still at work`, ...said.slice(-5)].join('\n'),
    fix: () => ['give it more time, in seconds: DEN_BUILD_TIMEOUT=7200'],
  },
  'build-invalid': {
    what: ({ distribution }) => `${distribution} cannot be built`,
    why: ({ reason }) => reason,
    fix: () => [
      'tell the project’s maintainers: its source breaks the standard',
      'use another release, or one that has a wheel',
    ],
  },
  'build-forbidden': {
    what: ({ distribution }) => `${distribution} would have to be built from source`,
    why: ({ reason }) => reason,
    fix: () => [
      'allow it: leave --only-binary (--no-build-package) out, or change what the project’s settings say of it',
      'use a release that has a wheel',
    ],
  },
  'build-dependencies-missing': {
    what: ({ distribution }) =>
      `${distribution} cannot be built without isolation: the environment lacks what its build needs`,
    why: ({ missing }) => `missing: ${missing.join(', ')}`,
    fix: ({ missing }) => [
      `den pip install ${missing.map((one) => `'${one}'`).join(' ')}`,
      'leave --no-build-isolation out',
    ],
  },
}

/** A source tree is called by its path, whatever comes from elsewhere by its name or its address. */
function isDirectory(distribution: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(distribution)
}

function soundsLikeNetwork(line: string): boolean {
  return /network is unreachable|name resolution|could not resolve|getaddrinfo|connection|failed to (?:download|fetch|connect)|temporary failure/i.test(
    line,
  )
}
