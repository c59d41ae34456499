// A host, and a standard output, that note what they are asked: what a command's answer rests on is then known without its saying so.

import type { Question } from './facts.ts'
import type { Files } from './files.ts'
import type { Host } from './host.ts'
import type { Standard } from './standard.ts'

export interface Notes {
  /** The questions that were asked of each path. */
  readonly asked: ReadonlyMap<string, ReadonlySet<Question>>
  /** The variables that were asked for, set or not. */
  readonly variables: ReadonlySet<string>
  /** What was printed on standard output. */
  printed(): string
  /** What was said on standard error. */
  said(): string
  /** Something was asked that nobody can tell again cheaply, or said where it is not to be repeated: why; undefined where nothing was. */
  spoiled(): string | undefined
}

/** Whoever asks more does work that no memory can spare, and should not be kept from it. */
const most = 1200

export interface NotingWorld {
  readonly env: Host['env']
  readonly standard: Standard
  /** The same host, asked through the notes. */
  host(host: Host): Host
  readonly notes: Notes
}

/** `talk`: what is said on standard error is part of the answer. */
export function noteQuestions(env: Host['env'], standard: Standard, talk: boolean = false): NotingWorld {
  const asked = new Map<string, Set<Question>>()
  const variables = new Set<string>()
  const printed: string[] = []
  const said: string[] = []
  let spoiled: string | undefined
  const note = (question: Question, path: string): void => {
    if (asked.size > most) {
      spoiled ??= 'too many questions'
      return
    }
    const before = asked.get(path)
    if (before === undefined) asked.set(path, new Set([question]))
    else before.add(question)
  }
  const notedEnv = new Proxy(env, {
    get: (target, name) => {
      if (typeof name === 'string') variables.add(name)
      return Reflect.get(target, name)
    },
  })
  return {
    env: notedEnv,
    standard: {
      write: (descriptor, text) => {
        if (descriptor === 1) printed.push(text)
        else if (talk) said.push(text)
        else spoiled ??= 'standard error'
        return standard.write(descriptor, text)
      },
      isTerminal: (descriptor) => {
        note('terminal', String(descriptor))
        return standard.isTerminal(descriptor)
      },
      columns: () => {
        spoiled ??= 'columns'
        return standard.columns()
      },
    },
    host: (host) => ({
      ...host,
      env: notedEnv,
      files: notedFiles(host.files, note),
      spawn: (request) => {
        spoiled ??= 'a program'
        return host.spawn(request)
      },
      unnoted: () => {
        spoiled ??= 'work'
        return host
      },
      beside: host,
      kernel: () => {
        // Linux tells there all that `uname` does but the processor, which no reboot changes.
        if (host.platform === 'linux') note('text', '/proc/version')
        else spoiled ??= 'the kernel'
        return host.kernel()
      },
    }),
    notes: { asked, variables, printed: () => printed.join(''), said: () => said.join(''), spoiled: () => spoiled },
  }
}

function notedFiles(files: Files, note: (question: Question, path: string) => void): Files {
  return {
    readBytes: (path, range) => {
      note('read', path)
      return files.readBytes(path, range)
    },
    readText: (path) => {
      note('read', path)
      return files.readText(path)
    },
    list: (path) => {
      note('read', path)
      return files.list(path)
    },
    names: (path) => {
      note('read', path)
      return files.names(path)
    },
    stat: (path) => {
      note('looked', path)
      return files.stat(path)
    },
    lstat: (path) => {
      note('link', path)
      return files.lstat(path)
    },
    readLink: (path) => {
      note('link', path)
      return files.readLink(path)
    },
    realPath: (path) => {
      note('real', path)
      return files.realPath(path)
    },
    isExecutable: (path) => {
      note('looked', path)
      return files.isExecutable(path)
    },
  }
}
