// The default Host: this machine and this process, read once when it is asked for.

import nodePath from 'node:path'
import { DenError } from '../base/error.ts'
import { realDisk } from './disk.ts'
import { faultyDisk, parseFault } from './faults.ts'
import { realFiles } from './files.ts'
import type { Host, KernelName, Platform } from './host.ts'
import { noRegistry } from './registry.ts'
import { realSpawn } from './spawn.ts'
import { windowsRegistry } from './windows-registry.ts'

/** The machine and process that den runs in; `changes` replace parts of it. */
export function defaultHost(changes: Partial<Host> = {}): Host {
  const env = changes.env ?? process.env
  const platform = process.platform as Platform
  const fault = parseFault(env['DEN_TEST_FAULT'])
  return {
    env,
    platform,
    arch: process.arch,
    home: homeOf(env, platform),
    cwd: changes.cwd ?? workingDirectory(),
    uid: process.getuid?.(),
    now: Date.now,
    path: (platform === 'win32' ? nodePath.win32 : nodePath.posix) as Host['path'],
    files: realFiles,
    disk: fault === undefined ? realDisk : faultyDisk(realDisk, fault),
    spawn: realSpawn,
    registry: platform === 'win32' ? windowsRegistry : noRegistry,
    kernel,
    self: undefined,
    ...changes,
  }
}

function kernel(): KernelName {
  const os = process.getBuiltinModule('node:os')
  return { system: os.type(), release: os.release(), version: os.version(), machine: os.machine() }
}

/** HOME first, as a shell expands `~`; the user database only where it is missing. */
function homeOf(env: Host['env'], platform: Platform): string | undefined {
  const home = platform === 'win32' ? env['USERPROFILE'] : env['HOME']
  if (home !== undefined && home !== '') return home
  try {
    return process.getBuiltinModule('node:os').homedir()
  } catch {
    return undefined
  }
}

/** A directory whose name is no UTF-8 comes back with U+FFFD in it, and then names nothing. */
function workingDirectory(): string {
  let directory: string
  try {
    directory = process.cwd()
  } catch (error) {
    throw new DenError(
      'io-failed',
      { operation: 'find', path: 'the working directory', errno: 'ENOENT' },
      { cause: error },
    )
  }
  if (directory.includes('\uFFFD') && realFiles.stat(directory) === undefined) {
    throw new DenError('path-not-utf8', { path: directory })
  }
  return directory
}
