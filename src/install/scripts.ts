// The programs that a distribution puts into bin or Scripts: generated from entry points, or brought along and given their first line.

import { type ScriptHeaderOptions, scriptHeader, scriptText } from '../env/shebang.ts'
import type { ScriptEntry } from '../store/manifest.ts'

/**
 * Which names the scripts get. `written`: as in entry_points.txt. `pip`: as pip (and so venv) installs pip and easy_install, with the
 * running Python's version in place of the one that the wheel was built with. `virtualenv`: each script also as NAME3, NAME3.13, NAME-3.13.
 */
export type ScriptNames = 'written' | 'pip' | 'virtualenv'

/** The scripts under their final names, each name once. */
export function nameScripts(
  scripts: readonly ScriptEntry[],
  version: { readonly major: number; readonly minor: number },
  names: ScriptNames,
): readonly ScriptEntry[] {
  const { major, minor } = version
  const named = new Map<string, ScriptEntry>()
  const add = (script: ScriptEntry, ...all: readonly string[]): void => {
    for (const name of all) named.set(name, { ...script, name })
  }
  for (const script of scripts) {
    const { name } = script
    if (names === 'virtualenv') {
      const stem = /^([^\W\d]\w*?)-?\d+(?:\.\d+)*$/.exec(name)?.[1] ?? name
      add(script, stem, `${stem}${major}`, `${stem}${major}.${minor}`, `${stem}-${major}.${minor}`)
    } else if (names === 'pip' && name === 'pip') {
      add(script, 'pip', `pip${major}`, `pip${major}.${minor}`)
    } else if (names === 'pip' && name === 'easy_install') {
      add(script, 'easy_install', `easy_install-${major}.${minor}`)
    } else if (names === 'pip' && /^(?:pip\d+(?:\.\d+)?|easy_install-\d+\.\d+)$/.test(name)) {
      // Made from the plain name, with the version that is right here.
    } else {
      add(script, name)
    }
  }
  return [...named.values()]
}

/** The text of a generated script: it imports the function, calls it, and exits with its answer. */
export function entryPointScript(script: ScriptEntry, header: ScriptHeaderOptions): string {
  return `${scriptHeader(header)}${entryPointBody(script)}`
}

/** Runs on every Python from 2.7 on. The name ends in .exe where a Windows launcher runs it. */
export function entryPointBody({ module, attribute }: Pick<ScriptEntry, 'module' | 'attribute'>): string {
  const [first] = attribute.split('.')
  return `import sys
from ${module} import ${first}
if __name__ == '__main__':
    if sys.argv[0].endswith('.exe'):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(${attribute}())
`
}

/** "If the first line of a file in scripts/ starts with exactly b'#!python', rewrite to point to the correct interpreter." */
export function rewriteScript(bytes: Uint8Array, header: ScriptHeaderOptions): Uint8Array {
  let body: string
  try {
    body = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // In some other encoding, which its second line may name: the bytes stay as they are.
    const lineEnd = bytes.indexOf(0x0a)
    return Buffer.concat([
      Buffer.from(scriptHeader(header)),
      lineEnd === -1 ? new Uint8Array() : bytes.subarray(lineEnd + 1),
    ])
  }
  const gui = body.startsWith('#!pythonw')
  return Buffer.from(scriptText(gui ? { ...header, gui } : header, body))
}
