// The names under which Pythons are installed.

import type { Platform } from '../host/host.ts'
import type { PythonRequest } from '../spec/python-request.ts'

const interpreterName =
  /^(?:python|pypy|graalpy)(?:\d(?:\.\d{1,2})?)?(?:t|d|m|dm|td|u|mu)?(?:_d)?(?:-dbg|-debug|-intel64|-32|-64)?$/

/** Whether a file of this name in a directory of programs is taken for an interpreter: python3.13t, pypy3; not python3-config. */
export function isInterpreterName(name: string, platform: Platform): boolean {
  // A directory of programs has thousands of names; one letter turns nearly all of them away.
  if (!'pgPG'.includes(name.charAt(0))) return false
  if (platform !== 'win32') return interpreterName.test(name)
  const lower = name.toLowerCase()
  return /\.(?:exe|bat|cmd)$/.test(lower) && interpreterName.test(lower.replace(/\.\w+$/, ''))
}

/** The newest minor version that is looked for by name where a directory isn't listed. */
const newestMinor = 16

/** The file names under which what is asked for may stand, the likeliest first; without a suffix on POSIX, with `.exe` on Windows. */
export function namesFor(request: PythonRequest, platform: Platform): readonly string[] {
  const names = request.kind === 'name' ? [request.name] : versionNames(request)
  if (platform !== 'win32') return names
  return names.flatMap((name) => (/\.(?:exe|bat|cmd)$/i.test(name) ? [name] : [`${name}.exe`, `${name}.bat`]))
}

function versionNames(request: PythonRequest): readonly string[] {
  const version = request.kind === 'version' ? request : undefined
  const [major, minor] = version?.release ?? []
  const suffixes = new Set<string>()
  if (version?.freeThreaded === true) suffixes.add(version.debug === true ? 'td' : 't')
  if (version?.debug === true) suffixes.add('d').add('-dbg')
  suffixes.add('')
  // From 3.14 on a plain request is met by a free-threaded build too, which may be installed under its own name alone.
  if (version?.freeThreaded !== false) suffixes.add('t')
  const stems =
    version?.implementation === 'pypy'
      ? ['pypy', 'python']
      : version?.implementation === 'graalpy'
        ? ['graalpy', 'python']
        : ['python']
  if (version?.implementation === undefined && request.kind === 'version') stems.push('pypy', 'graalpy')
  const names = new Set<string>()
  for (const stem of stems) {
    if (minor !== undefined) for (const suffix of suffixes) names.add(`${stem}${major}.${minor}${suffix}`)
    for (const suffix of suffixes) {
      if (suffix === 't') continue
      names.add(`${stem}${major ?? 3}${suffix}`)
      names.add(`${stem}${suffix}`)
    }
    // A range, "3", or nothing: any minor version may be it. The plain names come first, as the user's own choice.
    const asked = stem === 'python' || version?.implementation === stem
    if (minor === undefined && asked && (major ?? 3) === 3) {
      for (let candidate = newestMinor; candidate >= 6; candidate -= 1) names.add(`${stem}3.${candidate}`)
    }
    if (minor === undefined && stem === 'python' && major !== 3) names.add('python2').add('python2.7')
  }
  return [...names]
}

/** Whether an executable's own name says that it is of another version than asked: python3.9 where 3.12 is wanted. */
export function isNamedOtherwise(executable: string, request: PythonRequest): boolean {
  if (request.kind !== 'version' || request.release === undefined) return false
  const [, major, minor] = /(?:python|pypy)(\d)(?:\.(\d+))?[a-z]*(?:\.exe)?$/.exec(executable) ?? []
  const [wantedMajor, wantedMinor] = request.release
  return (
    (major !== undefined && wantedMajor !== Number(major)) ||
    (minor !== undefined && wantedMinor !== undefined && wantedMinor !== Number(minor))
  )
}
