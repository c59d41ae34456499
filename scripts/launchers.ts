// The Windows launchers: checks that assets/launchers/ holds exactly the files its README names by hash. `--fetch` takes them
// anew from the distribution they come from, by name and hash, with the pip of the machine.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './toolchain.ts'

const directory = path.join(root, 'assets', 'launchers')
const wheel = {
  requirement: 'distlib==0.4.4',
  file: 'distlib-0.4.4-py2.py3-none-any.whl',
  sha256: 'cf09d55b1e85a89576b036aeb71550bfd68320f3f21761ca329eadadad918638',
} as const

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The files that README.md names, with their hashes. */
function wanted(): ReadonlyMap<string, string> {
  const rows = fs
    .readFileSync(path.join(directory, 'README.md'), 'utf8')
    .matchAll(/^\| (\S+\.exe) \| ([0-9a-f]{64}) \|$/gm)
  return new Map([...rows].map((row) => [row[1]!, row[2]!]))
}

/** What is wrong with the folder: a file missing, changed, or named nowhere. */
export function launcherProblems(): readonly string[] {
  const expected = wanted()
  const present = fs.readdirSync(directory).filter((name) => name.endsWith('.exe'))
  return [
    ...(expected.size === 0 ? ['README.md names no launcher'] : []),
    ...present.filter((name) => !expected.has(name)).map((name) => `${name} is named nowhere`),
    ...[...expected].flatMap(([name, hash]) => {
      if (!present.includes(name)) return [`${name} is missing`]
      return sha256(fs.readFileSync(path.join(directory, name))) === hash ? [] : [`${name} is not the file it was`]
    }),
  ]
}

function fetchLaunchers(): void {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'den-launchers-'))
  try {
    const python = process.platform === 'win32' ? 'python' : 'python3'
    const run = (args: readonly string[]): void => {
      const done = spawnSync(python, args, { cwd: scratch, encoding: 'utf8' })
      if (done.status !== 0) throw new Error(`${python} ${args.join(' ')}: ${done.stderr}`)
    }
    run(['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:', '-d', '.', wheel.requirement])
    const archive = fs.readFileSync(path.join(scratch, wheel.file))
    if (sha256(archive) !== wheel.sha256) throw new Error(`${wheel.file} is not the file it was`)
    run(['-m', 'zipfile', '-e', wheel.file, 'unpacked'])
    for (const name of wanted().keys())
      fs.copyFileSync(path.join(scratch, 'unpacked', 'distlib', name), path.join(directory, name))
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  if (process.argv.includes('--fetch')) fetchLaunchers()
  const problems = launcherProblems()
  for (const problem of problems) console.error(problem)
  console.log(problems.length === 0 ? 'the launchers are the files they should be' : `${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
