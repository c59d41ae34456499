// An executable's installation, read from files: which kind of program it is, then the layout of that kind.

import { isDenError } from '../../base/error.ts'
import type { Host, Platform } from '../../host/host.ts'
import { readProgram } from '../binary/binary.ts'
import type { Binary } from '../binary/reader.ts'
import { followLinks } from '../links.ts'
import { problemOf } from '../problem.ts'
import { readPosixCPython } from './cpython-posix.ts'
import { isPyPy, readPyPy } from './pypy.ts'
import { type Reading, unknown } from './reading.ts'
import { readWindowsCPython } from './windows.ts'

/** Reads what the files around an executable tell of it. Starts nothing; what keeps it from reading is a problem. */
export function readInstallation(host: Host, executable: string): Reading {
  try {
    return readFiles(host, executable)
  } catch (error) {
    if (isDenError(error, 'permission-denied', 'io-failed')) {
      return { kind: 'problem', problem: problemOf('unreadable', error) }
    }
    throw error
  }
}

function readFiles(host: Host, executable: string): Reading {
  const { files } = host
  const facts = files.stat(executable)
  if (facts === undefined) return { kind: 'problem', problem: missing(host, executable) }
  if (facts.kind !== 'file') return { kind: 'problem', problem: { code: 'not-a-file', text: 'it is no file' } }
  if (host.platform !== 'win32' && (facts.mode & 0o111) === 0) {
    return { kind: 'problem', problem: { code: 'not-executable', text: 'it is not marked executable' } }
  }
  const end = followLinks(host, executable)
  const realExecutable = files.realPath(executable)
  if (end.kind !== 'found' || realExecutable === undefined) return unknown('its links changed while they were read')

  let program: ReturnType<typeof readProgram>
  try {
    program = readProgram(files, realExecutable, host.arch)
  } catch (error) {
    // A program may be executed without being readable.
    if (isDenError(error, 'permission-denied', 'io-failed')) return unknown('it cannot be read')
    throw error
  }
  if (program === undefined) return unknown('it vanished while it was read')
  if (program.kind === 'empty') {
    return host.platform === 'win32'
      ? { kind: 'problem', problem: { code: 'store-stub', text: 'it only opens the Microsoft Store' } }
      : { kind: 'problem', problem: { code: 'not-executable', text: 'the file is empty' } }
  }
  if (program.kind === 'script') return unknown('it is a script')
  // Started all the same, it would be run by the shell: exec's fallback for what the kernel doesn't know.
  const { binary } = program.kind === 'binary' ? program : {}
  if (binary?.format !== formatOf(host.platform)) {
    return { kind: 'problem', problem: { code: 'foreign', text: 'it is no program for this system' } }
  }
  if (binary.interpreter !== undefined && files.stat(binary.interpreter) === undefined) {
    const text = `it needs the loader ${binary.interpreter}, which isn't there`
    return { kind: 'problem', problem: { code: 'foreign', text } }
  }
  const described = { executable, linkEnd: end.path, realExecutable, binary }
  if (isPyPy(described)) return readPyPy(host, described)
  if (/graalpy/i.test(host.path.basename(realExecutable))) return unknown('GraalPy is described by no file')
  return host.platform === 'win32' ? readWindowsCPython(host, described) : readPosixCPython(host, described)
}

function formatOf(platform: Platform): Binary['format'] {
  return platform === 'win32' ? 'pe' : platform === 'darwin' ? 'mach-o' : 'elf'
}

function missing(host: Host, executable: string): Extract<Reading, { kind: 'problem' }>['problem'] {
  const end = followLinks(host, executable)
  if (end.kind === 'loop') return { code: 'link-loop', text: 'its links lead in a circle' }
  return end.kind === 'dangling' && end.target !== executable
    ? { code: 'dangling-link', text: `the link leads to ${end.target}, which isn't there` }
    : { code: 'not-found', text: 'there is no such file' }
}
