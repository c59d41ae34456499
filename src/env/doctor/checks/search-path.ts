// Check 11: the environment is active, but `python` or `pip` is another one: something stands before it in PATH, a version manager's
// shim, or a script that calls another Python.

import { type Host, searchPath, variable } from '../../../host/host.ts'
import { ifReadable } from '../../quietly.ts'
import { parseScriptHeader } from '../../shebang.ts'
import type { Found, ShellCheck } from '../check.ts'
import { word } from '../word.ts'

export const searchPathCheck: ShellCheck = {
  id: 'search-path',
  title: 'python and pip are those of the active environment',
  scope: 'shell',
  run({ host }) {
    const { path, files } = host
    const active = variable(host, 'VIRTUAL_ENV')
    // Another check tells of one that is gone.
    if (active === undefined || active === '' || files.stat(active) === undefined) return []
    const scripts = path.join(active, host.platform === 'win32' ? 'Scripts' : 'bin')
    const found: Found[] = []
    for (const name of ['python', 'python3', 'pip', 'pip3']) {
      const wanted = path.join(scripts, executableName(host, name))
      const first = firstOnPath(host, name)
      const has = files.stat(wanted) !== undefined
      if (first === undefined || !has) {
        if (name === 'python' && first === undefined) found.push(notOnPath(active, scripts))
        else if (name === 'pip' && !has && first !== undefined) found.push(foreignPip(active, first))
        continue
      }
      if (first.place === wanted || sameFile(host, path.dirname(first.place), scripts)) continue
      found.push({
        severity: 'error',
        what: `${active} is active, but ${name} is ${first.place}`,
        why: `${path.dirname(first.place)} stands before ${scripts} in PATH${first.shim === undefined ? '' : `; it is a shim of ${first.shim}'s, which chooses a Python by its own rules`}`,
        fix: [
          `activate it again: deactivate, then . ${word(path.join(scripts, 'activate'))}`,
          `or name it in full: ${word(wanted)}`,
        ],
      })
    }
    const pip = path.join(scripts, 'pip')
    const head = ifReadable(() => files.readBytes(pip, { start: 0, length: 1024 }))
    const header = head === undefined ? undefined : parseScriptHeader(new TextDecoder().decode(head))
    if (
      header !== undefined &&
      header.form !== 'relocatable' &&
      !sameFile(host, path.dirname(header.python), scripts)
    ) {
      found.push({
        severity: 'error',
        what: `${pip} runs ${header.python}`,
        why: `what it installs lands there and not in ${active}`,
        fix: [`den repair ${word(active)}`, `or without the script: ${word(path.join(scripts, 'python'))} -m pip`],
      })
    }
    return found
  },
}

function notOnPath(active: string, scripts: string): Found {
  return {
    severity: 'error',
    what: `${active} is active by VIRTUAL_ENV, but PATH leads to no python at all`,
    why: `${scripts} is not in PATH, or holds no python`,
    fix: [`activate it again: . ${word(`${scripts}/activate`)}`],
  }
}

function foreignPip(active: string, first: { readonly place: string }): Found {
  return {
    severity: 'warning',
    what: `${active} is active and has no pip; pip is ${first.place}`,
    why: 'what it installs lands in another Python',
    fix: [`put pip in: ${word(`${active}/bin/python`)} -m ensurepip`, 'or see where things go: den explain'],
  }
}

function executableName(host: Host, name: string): string {
  return host.platform === 'win32' ? `${name}.exe` : name
}

function firstOnPath(host: Host, name: string): { readonly place: string; readonly shim?: string } | undefined {
  for (const directory of searchPath(host)) {
    const place = host.path.join(directory, executableName(host, name))
    if (!host.files.isExecutable(place)) continue
    const shim = /[/\\]\.?(pyenv|asdf|mise|rye)(?:-win)?[/\\](?:.*[/\\])?shims$/i.exec(directory)?.[1]
    return { place, ...(shim === undefined ? {} : { shim }) }
  }
  return undefined
}

function sameFile(host: Host, left: string, right: string): boolean {
  if (left === right) return true
  const real = ifReadable(() => host.files.realPath(left))
  return real !== undefined && real === ifReadable(() => host.files.realPath(right))
}
