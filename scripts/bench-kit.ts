// What the parts of the benchmark share: where the peers and the Python are, figures and how they are written.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './toolchain.ts'

export const den: string = path.join(root, 'dist', process.platform === 'win32' ? 'den.exe' : 'den')

/** A program of the virtual environment that DEN_PEERS names. Throws where it is not there. */
export function peer(name: string): string {
  const program = path.join(process.env['DEN_PEERS'] ?? '', 'bin', name)
  if (!fs.existsSync(program))
    throw new Error(`there is no ${name}: DEN_PEERS is to name an environment with uv, pip and virtualenv in it`)
  return program
}

/** The Python that all of them use: the newest 3.x under pyenv's root, else the one on PATH. */
export function basePython(): string {
  const versions = path.join(process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv'), 'versions')
  const names = fs.existsSync(versions) ? fs.readdirSync(versions).filter((name) => /^3\.\d+\.\d+$/.test(name)) : []
  const newest = names.sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1])).at(-1)
  if (newest !== undefined) return path.join(versions, newest, 'bin', 'python3')
  const found = spawnSync('sh', ['-c', 'command -v python3'], { encoding: 'utf8' }).stdout.trim()
  return fs.realpathSync(found)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  return value < 100 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

export function versionOf(command: string, args: readonly string[] = ['--version']): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim()
}

/** The processor, the system and the contestants, as a line each of the table's head. */
export function machine(python: string): readonly string[] {
  const cpu = os.cpus()[0]?.model ?? 'unknown processor'
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const uv = versionOf(peer('uv')).replace(/ \(.*/, '')
  const virtualenv = /\d[\d.]*/.exec(versionOf(peer('virtualenv')))?.[0]
  const pip = /\d[\d.]*/.exec(versionOf(peer('pip')))?.[0]
  return [
    `${cpu}, ${os.availableParallelism()} cores, ${memory} GiB, ${os.type()} ${os.release()};`,
    `${versionOf(den)}, ${uv}, virtualenv ${virtualenv}, pip ${pip}, ${versionOf(python)}.`,
  ]
}

/** The places of den, uv and pip inside `scratch`, and no configuration of the user's or the machine's. */
export function cleanEnvironment(scratch: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(VIRTUAL_ENV|UV_|DEN_|PIP_|PYTHON|HOME$|XDG_)/.test(name),
  ) as [string, string][]
  return {
    ...Object.fromEntries(kept),
    HOME: path.join(scratch, 'user'),
    PIP_CONFIG_FILE: os.devNull,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    UV_NO_CONFIG: '1',
    NO_COLOR: '1',
    DEN_HOME: path.join(scratch, 'home'),
    DEN_CACHE_DIR: path.join(scratch, 'cache'),
    UV_CACHE_DIR: path.join(scratch, 'uv-cache'),
    PIP_CACHE_DIR: path.join(scratch, 'pip-cache'),
  }
}
