// The file system, processes and locks.

import { shellWord } from '../shell-word.ts'
import type { ErrorTexts } from './text.ts'

export interface IoDetail {
  /** What was tried, as a verb: "read", "make the directory", "rename". */
  readonly operation: string
  readonly path: string
  /** The system's code: "EACCES", "ENOSPC", … */
  readonly errno: string
}

export interface HostErrorDetails {
  'io-failed': IoDetail
  'permission-denied': IoDetail
  'disk-full': IoDetail
  'read-only-disk': IoDetail
  'too-many-open-files': IoDetail
  'path-not-utf8': { readonly path: string }
  /** `needs`: the interpreter or loader that the program names and that is not there. */
  'spawn-failed': { readonly command: string; readonly errno: string; readonly needs?: string }
  'spawn-timeout': { readonly command: string; readonly seconds: number }
  'lock-timeout': { readonly path: string; readonly seconds: number }
  'no-home': Record<never, never>
  aborted: { readonly operation: string }
}

/** What the system's codes say, where they say it. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of that path is no directory',
  EISDIR: 'it is a directory',
  EEXIST: 'something is there already',
  ENOTEMPTY: 'the directory is not empty',
  ENAMETOOLONG: 'the name is longer than the file system allows',
  ELOOP: 'its links lead in a circle',
  EBUSY: 'another program is using it',
  EXDEV: 'it would have to go to another file system',
  EIO: 'the disk or the network it is on gives errors',
  ETXTBSY: 'it is a program that is running',
}

const notRun: Readonly<Record<string, string>> = {
  ENOENT: 'no such program',
  EACCES: 'it is not executable',
  EISDIR: 'it is a directory',
  ENOEXEC: 'it is not a program for this machine',
}

export const hostErrors: ErrorTexts<HostErrorDetails> = {
  'io-failed': {
    what: ({ operation, path, errno }) => `cannot ${operation} ${path} (${errno})`,
    why: ({ errno }) => meanings[errno],
  },
  'permission-denied': {
    what: ({ operation, path }) => `cannot ${operation} ${path}: permission denied`,
    why: ({ errno }) => `the system answered ${errno}: this user may not do that there`,
    fix: ({ operation, path }) => {
      // What is to be made isn't there yet: the directory around it decides.
      const place = /^(?:make|link|write|rename|copy|clone)/.test(operation)
        ? path.replace(/[/\\][^/\\]+$/, '') || '/'
        : path
      return [`look at the owner and mode: ls -ld '${place}'`, 'choose a directory of your own']
    },
  },
  'disk-full': {
    what: ({ operation, path }) => `cannot ${operation} ${path}: no space left`,
    why: ({ errno }) =>
      errno === 'EDQUOT'
        ? 'your disk quota is used up; nothing was left half-made'
        : 'the disk is full; nothing was left half-made',
    // The path itself may be gone again.
    fix: () => ['see what is free: df -h', 'let go of what den can do without: den cache clear; den store collect'],
  },
  'read-only-disk': {
    what: ({ operation, path }) => `cannot ${operation} ${path}: the file system is read-only`,
    fix: () => ['choose a directory on a writable file system'],
  },
  'too-many-open-files': {
    what: ({ operation, path }) => `cannot ${operation} ${path}: too many open files`,
    fix: () => ['raise the limit and try again: ulimit -n 4096'],
  },
  'path-not-utf8': {
    what: ({ path }) => `the path ${path} is not valid UTF-8`,
    why: () => 'its bytes cannot be written into activation scripts and pyvenv.cfg without changing them',
    fix: () => ['rename the directory, or choose another path'],
  },
  'spawn-failed': {
    what: ({ command, errno }) => `cannot run ${command} (${errno})`,
    why: ({ errno, needs }) => {
      if (needs?.endsWith('\r'))
        return 'its first line ends as Windows ends lines, and so names a program whose name ends in a carriage return'
      if (needs !== undefined) return `it is there, but ${needs}, which it names to run it, is not`
      return notRun[errno]
    },
    fix: ({ command, errno, needs }) => {
      const file = shellWord(command)
      if (needs?.endsWith('\r')) return [`give its lines plain ends: sed -i 's/\\r$//' ${file}`]
      if (needs !== undefined && /python|pypy/.test(needs))
        return [
          `run it with the environment's Python: den run python ${file}`,
          'if the environment was moved: den repair',
        ]
      return errno === 'EACCES' && needs === undefined ? [`make it executable: chmod +x ${file}`] : []
    },
  },
  'spawn-timeout': {
    what: ({ command, seconds }) => `${command} gave no answer within ${seconds} s`,
    why: () => 'it was stopped',
  },
  'lock-timeout': {
    what: ({ path, seconds }) => `another den has held the lock ${path} for over ${seconds} s`,
    fix: () => ['wait for it to end, or stop it'],
  },
  'no-home': {
    what: () => 'den finds no home directory',
    why: () => 'HOME (USERPROFILE on Windows) is not set and the user database names none',
    fix: () => ['say where den may keep its data: export DEN_HOME=/some/directory DEN_CACHE_DIR=/some/other'],
  },
  aborted: {
    what: ({ operation }) => `${operation} was stopped before it was done`,
    why: () => 'what it had begun was taken back',
    exit: 130,
  },
}
