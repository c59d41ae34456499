// The judges of peers' tests: the programs and the Python of the virtual environment that DEN_PEERS names, and programs for that Python
// that are asked in JSON and answer in it.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** The virtual environment; what is asked of it is skipped without. */
export const peers: string | undefined = process.env['DEN_PEERS']

/** A program of the peers': pip, uv, virtualenv, python. It need not be there. */
export function peerProgram(name: string): string {
  return process.platform === 'win32'
    ? path.join(peers ?? '', 'Scripts', `${name}.exe`)
    : path.join(peers ?? '', 'bin', name)
}

/** The directories that hold the packages of the virtual environment; as a rule one. */
function packageDirectories(): readonly string[] {
  const library = path.join(peers ?? '', 'lib')
  if (peers === undefined || !fs.existsSync(library)) return []
  return fs.readdirSync(library).map((name) => path.join(library, name, 'site-packages'))
}

/** Where the package of this name stands: the directory that it is imported from. */
export function peerPackages(name: string): string | undefined {
  return packageDirectories().find((site) => fs.existsSync(path.join(site, name)))
}

/** False where every one of these programs or packages is there; else why the agreement is not tested. */
export function skipWithout(names: readonly string[], agreement: string): string | false {
  const isThere = (name: string): boolean => fs.existsSync(peerProgram(name)) || peerPackages(name) !== undefined
  if (peers !== undefined && names.every(isThere)) return false
  return `NOT TESTED: ${agreement} (set DEN_PEERS to a venv that has ${names.join(' and ')})`
}

/** Makes an environment of the peers' Python with nothing in it. */
export function peerEnvironment(root: string): { readonly python: string; readonly site: string } {
  const done = spawnSync(peerProgram('python'), ['-m', 'venv', '--without-pip', root], { encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
  const library = path.join(root, 'lib')
  const [line] = fs.readdirSync(library)
  return { python: path.join(root, 'bin', 'python'), site: path.join(library, line!, 'site-packages') }
}

export interface OracleOptions {
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program beside the peers' tests, or the text of one behind `-c`, isolated from whoever runs the test. Its answer as text. */
export function oracleText(program: readonly string[], question: unknown, { env }: OracleOptions = {}): string {
  const done = spawnSync(peerProgram('python'), ['-I', '-X', 'utf8', ...program], {
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    ...(env === undefined ? {} : { env }),
  })
  // Not shown otherwise: optparse prints its usage for each error, packaging logs each newer minor version.
  assert.equal(done.status, 0, done.error?.message ?? done.stderr)
  return done.stdout
}

/** Asks `NAME.py` of tests/e2e/peers. */
export function askOracle<Answer>(name: string, question: unknown, options?: OracleOptions): Answer {
  const file = path.join(import.meta.dirname, '..', 'e2e', 'peers', `${name}.py`)
  return JSON.parse(oracleText([file], question, options)) as Answer
}
