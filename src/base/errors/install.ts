// Archives, wheels, the store, and what is put into environments or taken out of them.

import { shellWord } from '../shell-word.ts'
import type { ErrorTexts } from './text.ts'

export interface InstallErrorDetails {
  /** A zip that two readers could read differently, or that reaches out of its place. */
  'invalid-archive': { readonly file: string; readonly reason: string; readonly entry?: string }
  'invalid-wheel': { readonly file: string; readonly reason: string }
  'hash-mismatch': { readonly file: string; readonly expected: string; readonly actual: string }
  /** A lock file says how long a file is (PEP 751), and it isn't. */
  'size-mismatch': { readonly file: string; readonly expected: number; readonly actual: number | 'more' }
  /** The collector is not let in while others link from the store. */
  'store-busy': { readonly directory: string }
  'store-damaged': { readonly distribution: string; readonly path: string; readonly reason: string }
  /** A damaged tree was made again. `environments`: those that have its damaged files still. */
  'store-restored': {
    readonly distribution: string
    readonly path: string
    readonly environments: readonly string[]
  }
  /** Something wrote into the store through a link. `environments`: those that had the change. */
  'store-changed': {
    readonly distribution: string
    readonly path: string
    readonly environments: readonly string[]
    readonly restored: boolean
  }
  'unshare-impossible': { readonly name: string; readonly environment: string; readonly installed: boolean }
  /** A repair was offered another wheel of the same number than the one that is installed. `path`: a file that is not the same. */
  'repair-source-differs': { readonly distribution: string; readonly file: string; readonly path: string }
  'install-refused': { readonly distribution: string; readonly path: string; readonly reason: string }
  /** `path`: the row of its RECORD that is the reason, where one is. */
  'uninstall-refused': { readonly distribution: string; readonly path?: string; readonly reason: string }
  /** `by`: what stands there and stays. */
  'install-blocked': { readonly path: string; readonly by: string }
  /** `owners`: what else has the file; `kept`: it stays for them, as opposed to being replaced. */
  'file-shared': {
    readonly path: string
    readonly distribution: string
    readonly owners: readonly string[]
    readonly kept: boolean
  }
  'file-replaced': { readonly paths: readonly string[]; readonly distribution: string }
  'module-hidden': { readonly module: string; readonly distribution: string; readonly stdlib: string }
  'start-up-code': { readonly files: readonly string[]; readonly distribution: string }
  'no-launcher': { readonly machine: string }
  'no-seed': { readonly project: string; readonly python: string; readonly tried: readonly string[] }
}

const badFile = [
  'get the file again, or another release',
  'tell the project’s maintainers: the file breaks the standard',
]

export const installErrors: ErrorTexts<InstallErrorDetails> = {
  'invalid-archive': {
    what: ({ file, entry }) =>
      `${file} is refused${entry === undefined ? '' : ` because of its entry ${quote(entry)}`}`,
    why: ({ reason }) => reason,
    fix: () => badFile,
  },
  'invalid-wheel': {
    what: ({ file }) => `${file} is not a valid wheel`,
    why: ({ reason }) => reason,
    fix: () => badFile,
  },
  'hash-mismatch': {
    what: ({ file }) => `${file} is not the file that was promised`,
    why: ({ expected, actual }) => `its SHA-256 is ${actual}, expected was ${expected}`,
    fix: () => ['try again: the download may have been damaged', 'if it stays so, do not use this file'],
  },
  'size-mismatch': {
    what: ({ file, expected }) => `${file} is not the file that the lock file names, which has ${expected} bytes`,
    why: ({ actual }) => `it has ${actual}`,
    fix: () => ['have the lock file made again: whatever wrote or changed it was wrong about this file'],
  },
  'store-busy': {
    what: ({ directory }) => `the store ${directory} is in use`,
    why: () => 'other commands are installing from it at this moment',
    fix: () => ['wait until they are done and repeat the command'],
  },
  'store-damaged': {
    what: ({ distribution, path }) => `den's store holds a damaged copy of ${distribution}: ${path}`,
    why: ({ reason }) => reason,
    fix: () => ['the copy could not be made again by itself: make its source reachable and repeat the command'],
  },
  'repair-source-differs': {
    what: ({ distribution }) => `${distribution} cannot be had again as it was installed`,
    why: ({ file, path }) => `${file} has another ${path}, so it is not the file that this was installed from`,
    fix: ({ distribution }) => [
      `take it all the same: den pip install --force-reinstall --no-deps ${shellWord(distribution.replace(' ', '=='))}`,
    ],
  },
  'store-restored': {
    what: ({ distribution, path }) =>
      `${distribution} in den's store was changed by something else (${path}) and has been restored`,
    why: ({ environments }) => `these environments have the changed file still: ${environments.join(', ')}`,
    fix: ({ environments }) => environments.map((root) => `den repair ${root}`),
  },
  'store-changed': {
    what: ({ distribution, path, restored }) =>
      `${distribution} in den's store was changed by something else (${path})${restored ? ' and has been restored' : ''}`,
    why: ({ environments }) =>
      `environments are links into the store, and who may write there, as root may, writes into all of them: ${environments.join(', ')}`,
    fix: ({ distribution, restored }) => {
      const name = distribution.split(' ')[0] ?? distribution
      return [
        ...(restored
          ? []
          : [`have it restored when its source can be reached: den pip install --force-reinstall ${name}`]),
        `for a copy of its own that may be edited: den unshare ${name}`,
      ]
    },
  },
  'unshare-impossible': {
    what: ({ name, environment }) => `${name} in ${environment} cannot be given files of its own`,
    why: ({ installed }) =>
      installed
        ? 'den did not put it in, or its store does not have it any more'
        : 'no such package is installed there',
    fix: ({ name, installed }) => [installed ? `den pip install --force-reinstall ${name}` : 'den pip list'],
  },
  'install-refused': {
    what: ({ distribution, path }) => `${distribution} may not put ${quote(path)} into an environment`,
    why: ({ reason }) => reason,
    fix: () => badFile,
  },
  'uninstall-refused': {
    what: ({ distribution, path }) =>
      `${distribution} is not removed${path === undefined ? '' : `: its RECORD lists ${quote(path)}`}`,
    why: ({ reason }) => reason,
    fix: ({ path, reason }) =>
      path === undefined
        ? [...(/: (conda remove .+)$/.exec(reason)?.slice(1, 2) ?? ['remove it with the tool that installed it'])]
        : ['look at the RECORD file in its dist-info directory, and remove the files by hand'],
  },
  'install-blocked': {
    what: ({ path }) => `cannot put anything at ${path}`,
    why: ({ by }) => `${by} stands there, which no installed distribution owns; nothing was changed`,
    fix: ({ path }) => [`look at it: ls -ld ${shellWord(path)}`, 'move it away and repeat the command'],
  },
  'file-shared': {
    what: ({ path, distribution, owners, kept }) =>
      kept
        ? `${path} stays: it belongs to ${owners.join(' and ')} too`
        : `${distribution} brings ${path}, which ${owners.join(' and ')} has too`,
    why: ({ distribution, kept }) =>
      kept ? undefined : `one file can hold one content: it is that of ${distribution} now, and the other may not work`,
    fix: ({ owners, kept }) =>
      kept
        ? []
        : [`if only one of them is wanted: den pip uninstall ${owners[0] ?? 'NAME'}, then install the other again`],
  },
  'file-replaced': {
    what: ({ paths, distribution }) =>
      `${distribution} replaced ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more files` : ''}`,
    why: () => 'no installed distribution owned what stood there',
    fix: () => ['what stood there is gone: take it from a backup if it was yours'],
  },
  'module-hidden': {
    what: ({ module, distribution }) => `${distribution} brings a module ${module}, as the standard library does`,
    why: ({ module, distribution, stdlib }) =>
      `Python looks into ${stdlib} first, so that "import ${module}" does not give that of ${distribution}`,
  },
  'start-up-code': {
    what: ({ files, distribution }) => `${distribution} runs code whenever Python starts here: ${files.join(', ')}`,
    why: () => 'lines of .pth files that begin with import, .start files and sitecustomize run before any program does',
    fix: ({ files }) => [`read it: cat ${shellWord(files[0] ?? '')}`],
  },
  'no-launcher': {
    what: ({ machine }) => `den has no Windows launcher for ${machine}`,
    why: () => 'a console script on Windows needs a small .exe in front of it',
    fix: () => ['run the module instead: python -m NAME'],
  },
  'no-seed': {
    what: ({ project, python }) => `no ${project} for Python ${python} was found`,
    why: ({ tried }) => `looked in: ${tried.join('; ')}`,
    fix: ({ project }) => [
      `put its wheel into a directory and name that: PIP_FIND_LINKS=DIRECTORY (or --find-links)`,
      'go online once: the store remembers it',
      project === 'pip'
        ? 'make the environment without pip: den create, or den venv --without-pip'
        : `leave ${project} out`,
    ],
  },
}

function quote(text: string): string {
  return JSON.stringify(text)
}
