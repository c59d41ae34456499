// The file system, processes and locks.

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
  'spawn-failed': { readonly command: string; readonly errno: string }
  'spawn-timeout': { readonly command: string; readonly seconds: number }
  'lock-timeout': { readonly path: string; readonly seconds: number }
  'no-home': Record<never, never>
  aborted: { readonly operation: string }
}

export const hostErrors: ErrorTexts<HostErrorDetails> = {
  'io-failed': {
    what: ({ operation, path, errno }) => `cannot ${operation} ${path} (${errno})`,
  },
  'permission-denied': {
    what: ({ operation, path }) => `cannot ${operation} ${path}: permission denied`,
    why: ({ errno }) => `the system answered ${errno}: this user may not do that there`,
    fix: ({ path }) => [`look at the owner and mode: ls -ld '${path}'`, 'choose a directory of your own'],
  },
  'disk-full': {
    what: ({ operation, path }) => `cannot ${operation} ${path}: no space left`,
    why: ({ errno }) =>
      errno === 'EDQUOT'
        ? 'your disk quota is used up; nothing was left half-made'
        : 'the disk is full; nothing was left half-made',
    fix: ({ path }) => [`see what is free: df -h '${path}'`],
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
    why: ({ errno }) =>
      errno === 'ENOENT'
        ? 'no such program'
        : errno === 'EACCES'
          ? 'it is not executable'
          : errno === 'ENOEXEC'
            ? 'it is not a program for this machine'
            : undefined,
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
