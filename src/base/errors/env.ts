// Environments: creating them, then activating, explaining and repairing them.

import { shellWord } from '../shell-word.ts'
import type { ErrorTexts } from './text.ts'

export interface EnvErrorDetails {
  /** `project`: it is a project's own, which is to be taken as it is. */
  'environment-not-found': {
    readonly wanted?: string
    readonly looked: readonly string[]
    readonly active?: string
    readonly project?: true
    /** The Python file that was to run there; an address, `-`. */
    readonly script?: string
  }
  /**
   * `near`: what there is of that kind and could have been meant, as it would be typed. `unbuilt`: the manifest that has such a script, of a
   * project that is not installed.
   */
  'command-not-found': {
    readonly command: string
    readonly root: string
    readonly near?: readonly string[]
    readonly unbuilt?: string
  }
  /** `named`: den was told the environment and would not find it by itself. `elsewhere`: another Python's pip, which PATH has. */
  'environment-without-pip': {
    readonly command: string
    readonly root: string
    readonly named: boolean
    readonly elsewhere?: string
  }
  /** `differences`: one sentence for each thing that is otherwise than asked for; empty where nothing was compared. */
  'environment-exists': { readonly path: string; readonly differences: readonly string[] }
  'environment-broken': { readonly path: string; readonly problem: string }
  'not-an-environment': { readonly path: string; readonly holds: readonly string[] }
  'environment-path-taken': { readonly path: string; readonly by: string }
  'environment-path-unusable': { readonly path: string; readonly reason: string }
  'environment-name-unusable': { readonly name: string }
  'environment-prompt-unusable': { readonly prompt: string; readonly reason: string }
  'environment-raced': { readonly path: string }
  'environment-files-in-the-way': { readonly path: string; readonly files: readonly string[] }
  'environment-upgrade-mismatch': { readonly path: string; readonly had: string; readonly wanted: string }
  'environment-unsupported': { readonly python: string; readonly what: string; readonly reason: string }
  'interpreter-incomplete': { readonly python: string; readonly missing: string; readonly purpose: string }
  'venv-redirect-blocked': { readonly path: string; readonly by: string }
  'journal-damaged': { readonly path: string }
  'environment-in-use': {
    readonly path: string
    /** "remove", "move". */
    readonly verb: string
    readonly active: boolean
    readonly processes: readonly { readonly pid: number; readonly command: string }[]
  }
  'environment-not-movable': { readonly path: string; readonly kind: string; readonly verb: string }
  'shell-without-hook': { readonly shell: string; readonly known: readonly string[] }
  'shell-not-found': { readonly shell?: string }
  'shell-nested': { readonly root: string }
}

export const envErrors: ErrorTexts<EnvErrorDetails> = {
  'environment-not-found': {
    what: ({ wanted, project }) =>
      project === true
        ? 'the project has no environment'
        : wanted === undefined
          ? 'no environment here'
          : `no environment ${wanted}`,
    why: ({ looked, active }) =>
      `looked at ${looked.join(', ')}${active === undefined ? '' : `, and VIRTUAL_ENV names ${active}, which is none`}`,
    fix: ({ wanted, looked, project, script }) => {
      if (project === true)
        return ['make it, with what the lock says: den sync', 'leave out --no-sync: den run makes it first']
      if (script !== undefined)
        return [
          `run it with a Python alone: den run -p 3 ${shellWord(script)}`,
          ...(/^https?:|^-$/i.test(script)
            ? []
            : [`have it say what it needs: den add --script ${shellWord(script)} PACKAGE`]),
          'make an environment here: den create',
        ]
      if (wanted === undefined) return ['make one: den create', 'see what there is: den env list']
      // A name was looked for in the directory of the named ones, a path at that path itself.
      const isName = /^\w[\w.-]*$/.test(wanted) && !looked.some((place) => place.split(/[/\\]/).at(-1) === wanted)
      return ['see what there is: den env list', `make one: den create ${isName ? '-n ' : ''}${shellWord(wanted)}`]
    },
  },
  'command-not-found': {
    what: ({ command }) => (command === '' ? 'no program to run' : `no program ${command}`),
    why: ({ command, root, unbuilt }) =>
      unbuilt !== undefined
        ? `${unbuilt} has it as a script, and does not say how the project is built: it is not installed`
        : /[/\\]/.test(command)
          ? 'there is no such file that can be run'
          : /\.py$/.test(command)
            ? `there is no such file here, and no such program in the environment ${root} or on PATH`
            : `it is neither in the environment ${root} nor on PATH`,
    fix: ({ command, near = [], unbuilt }) =>
      unbuilt !== undefined
        ? [`have it built: a table [build-system] in ${unbuilt}, as den init --package writes one`]
        : near.length > 0
          ? near.map((name) => `if that was meant: den run ${shellWord(name)}`)
          : /[/\\]|\.py$/.test(command)
            ? ['look at the spelling, and at the directory you are in: ls']
            : [
                'if a package brings it, install that into the environment first',
                'see what python and pip are here: den explain',
              ],
  },
  'environment-without-pip': {
    what: ({ command, root }) => `the environment ${root} has no ${command}`,
    why: ({ elsewhere }) =>
      elsewhere === undefined
        ? 'it was made without, and there is none on PATH either'
        : `the one on PATH, ${elsewhere}, would install for another Python`,
    fix: ({ root, named, elsewhere }) => [
      `den's pip needs none there: den pip ${named ? `--python ${shellWord(root)} ` : ''}install …`,
      `put pip into it: den run ${named ? `-e ${shellWord(root)} ` : ''}python -m ensurepip --default-pip`,
      `make it anew with pip: den create --clear --seed pip ${shellWord(root)}`,
      ...(elsewhere === undefined ? [] : [`run that other pip all the same: den run ${shellWord(elsewhere)}`]),
    ],
  },
  'environment-exists': {
    what: ({ path }) => `there is an environment at ${path} already`,
    why: ({ differences }) => (differences.length === 0 ? undefined : differences.join('; ')),
    fix: ({ path, differences }) => [
      ...(differences.includes('it has no pip')
        ? [`put pip into it: den run -e ${shellWord(path)} python -m ensurepip --default-pip`]
        : []),
      ...(differences.includes("its pip is den's own")
        ? [`put the real one in: den pip --python ${shellWord(path)} install --upgrade pip`]
        : []),
      ...(differences.includes("its pip is not den's own")
        ? ["put den's in: add --upgrade --seed den to the command"]
        : []),
      'make it anew, without its packages: add --clear to the command',
      'choose another path',
    ],
  },
  'environment-broken': {
    what: ({ path }) => `the environment at ${path} is broken`,
    why: ({ problem }) => problem,
    fix: ({ path }) => [
      `repair it and keep its packages: den repair ${shellWord(path)}`,
      `make it anew: den create --clear ${shellWord(path)}`,
    ],
  },
  'not-an-environment': {
    what: ({ path }) => `${path} holds something else than an environment`,
    why: ({ holds }) =>
      holds.length === 0
        ? 'it has no pyvenv.cfg; den deletes nothing that it does not know'
        : `it holds ${holds.slice(0, 3).join(', ')}${holds.length > 3 ? ` and ${holds.length - 3} more` : ''}; den deletes nothing that it does not know`,
    fix: ({ path }) => ['choose another path', `look at it: ls -A ${shellWord(path)}`],
  },
  'environment-path-taken': {
    what: ({ path, by }) => `there is ${by} at ${path}`,
    fix: () => ['choose another path'],
  },
  'environment-path-unusable': {
    what: ({ path }) => `there can be no environment at ${JSON.stringify(path)}`,
    why: ({ reason }) => reason,
    fix: () => ['choose another path'],
    exit: 2,
  },
  'environment-name-unusable': {
    what: ({ name }) => `${JSON.stringify(name)} is no name for an environment`,
    why: () => 'a name starts with a letter or digit and goes on with letters, digits, `-`, `_` and `.`',
    fix: () => ['for an environment at a path leave -n away: den create PATH'],
    exit: 2,
  },
  'environment-prompt-unusable': {
    what: ({ prompt }) => `${JSON.stringify(prompt)} cannot be a prompt`,
    why: ({ reason }) => reason,
    exit: 2,
  },
  'environment-raced': {
    what: ({ path }) => `another process has just made ${path}`,
    why: () => 'two creations of one path ran at the same time; the other one was first, and this one was taken back',
    fix: ({ path }) => [`look at it: den explain ${shellWord(path)}`],
  },
  'environment-files-in-the-way': {
    what: ({ path }) => `${path} holds files that an environment there would overwrite`,
    why: ({ files }) => `they are no part of an environment: ${files.join(', ')}`,
    fix: () => ['choose another path'],
  },
  'environment-upgrade-mismatch': {
    what: ({ path, had, wanted }) => `the environment at ${path} is for Python ${had} and cannot go over to ${wanted}`,
    why: () => 'its packages are in a directory of the old version, where the new one does not look',
    fix: ({ path, had, wanted }) => [
      `link it to a Python ${had}: den create --upgrade -p ${had} ${shellWord(path)}`,
      `make it anew: den create --clear -p ${wanted} ${shellWord(path)}`,
    ],
  },
  'environment-unsupported': {
    what: ({ python, what }) => `den makes no ${what} for ${python}`,
    why: ({ reason }) => reason,
    fix: () => ['choose another Python: den python list'],
  },
  'interpreter-incomplete': {
    what: ({ python, missing }) => `${python} lacks ${missing}`,
    why: ({ purpose }) => purpose,
    fix: () => ['reinstall that Python, or choose another: den python list'],
  },
  'venv-redirect-blocked': {
    what: ({ path, by }) => `${path} is ${by}, so that no redirect file can stand there`,
    fix: ({ path }) => [`move it away: mv ${shellWord(path)} ${shellWord(`${path}.old`)}`],
  },
  'journal-damaged': {
    what: ({ path }) => `the journal entry ${path} cannot be read`,
    why: () => 'den wrote it before a change, and something has changed it since; it is left alone',
    fix: ({ path }) => [`read it and then remove it: cat ${shellWord(path)}`],
  },
  'environment-in-use': {
    what: ({ path, verb }) => `will not ${verb} ${path} while it is in use`,
    why: ({ active, processes }) =>
      [
        ...(active ? ['it is active in this shell'] : []),
        ...processes.slice(0, 3).map(({ pid, command }) => `process ${pid} runs its Python: ${command}`),
        ...(processes.length > 3 ? [`${processes.length - 3} more processes do`] : []),
      ].join('; '),
    fix: ({ active, processes, verb }) => [
      ...(active ? ['leave it first: deactivate'] : []),
      ...(processes.length > 0 ? ['end those processes first'] : []),
      `${verb} it all the same: add --force`,
    ],
  },
  'environment-not-movable': {
    what: ({ path, kind, verb }) => `den cannot ${verb} ${path}, an environment of ${kind}'s`,
    why: () =>
      'its packages hold its path inside of compiled files, where only the tool that put them in can change it',
    fix: ({ kind, verb }) =>
      kind === 'pixi'
        ? ['move the project and make it again: pixi install']
        : [verb === 'copy' ? 'conda create --clone OLD -n NEW' : 'conda rename -n OLD NEW'],
  },
  'shell-without-hook': {
    what: ({ shell }) => `den has no hook for ${shellWord(shell)}`,
    why: ({ shell, known }) =>
      /csh$/.test(shell)
        ? 'csh and tcsh have no functions, so that each change of directory would start programs'
        : `there is one for each of ${known.join(', ')}`,
    fix: ({ shell }) => [
      /csh$/.test(shell)
        ? 'activate by hand: source .venv/bin/activate.csh'
        : 'start a shell with the environment active: den shell',
    ],
    exit: 2,
  },
  'shell-not-found': {
    what: ({ shell }) => (shell === undefined ? 'den cannot tell which shell you use' : `no shell ${shell}`),
    why: ({ shell }) =>
      shell === undefined
        ? 'neither the program that called den nor SHELL names one'
        : 'it is neither a program on PATH nor a file that may be executed',
    fix: () => ['say which: den shell --shell bash'],
  },
  'shell-nested': {
    what: ({ root }) => `you are in a den shell of ${root} already`,
    fix: () => ['leave it: exit'],
  },
}
