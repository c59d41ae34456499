// Commands of the real executable that end at the Nth change of the disk: killed, or with a disk that fails. Afterwards another command is
// run, and the environment has to be the old one or the new one, byte for byte; the same command, repeated, has to succeed.

import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { den } from './den.ts'
import { type Tree, writeTree } from './scratch.ts'

export interface CliWay {
  readonly name: string
  /** What leads to the old state. */
  readonly before: readonly (readonly string[])[]
  readonly change: readonly string[]
  /** The store and the cache are emptied before the change. */
  readonly cold?: true
}

export interface CliScene {
  /** The working directory; the environment is `.venv` in it. */
  readonly project: string
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** Where states are kept to come back to. */
  readonly kept: string
  /** What the working directory has to begin with. */
  readonly files?: Tree
}

export type CliFault = 'kill' | 'ENOSPC' | 'EIO' | 'EROFS' | 'EMFILE'

export interface CliTally {
  readonly way: string
  readonly fault: CliFault
  /** Changes of the disk that the command and what it leaves running make. */
  readonly changes: number
  /** Where it was ended. */
  points: number
  old: number
  new: number
  /** What is neither: the point, and what was found. */
  readonly broken: string[]
  /** The command, repeated, did not succeed, or left something else than it does undisturbed. */
  readonly unhealed: string[]
}

/** Every file of the environment with a hash, links with their target. Bytecode and what den keeps for itself is left out. */
export function environmentPicture(root: string): string {
  const lines: string[] = []
  const walk = (directory: string, prefix: string): void => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const name = `${prefix}${entry.name}`
      if (name === '.den' || entry.name === '__pycache__') continue
      const file = path.join(directory, entry.name)
      if (entry.isDirectory()) walk(file, `${name}/`)
      else if (entry.isSymbolicLink()) lines.push(`${name} -> ${fs.readlinkSync(file)}`)
      else lines.push(`${name} ${crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex')}`)
    }
  }
  if (!fs.existsSync(root)) return 'absent'
  walk(root, '')
  return lines.sort().join('\n')
}

/** Runs one way at some of its points (all of them for `sample` = Infinity), with each of the faults. */
export async function runWay(
  scene: CliScene,
  way: CliWay,
  faults: readonly { readonly fault: CliFault; readonly sample: number }[],
): Promise<readonly CliTally[]> {
  const venv = path.join(scene.project, '.venv')
  const options = { cwd: scene.project, env: scene.env }
  reset(scene, 'empty')
  for (const args of way.before) {
    const run = await den(args, options)
    if (run.code !== 0) throw new Error(`${args.join(' ')}: ${run.stderr}`)
  }
  if (way.cold === true) for (const name of ['den-home/store', 'den-cache']) remove(path.join(scene.home, name))
  keep(scene, 'before')
  const old = environmentPicture(venv)
  const log = path.join(scene.kept, 'count')
  const counted = await den(way.change, { ...options, env: { ...scene.env, DEN_TEST_FAULT: `count:${log}` } })
  if (counted.code !== 0) throw new Error(`${way.change.join(' ')}: ${counted.stderr}`)
  const changes = Number(fs.readFileSync(log, 'utf8'))
  const fresh = environmentPicture(venv)
  if (old === fresh) throw new Error(`${way.name} changes nothing`)

  const tallies: CliTally[] = []
  for (const { fault, sample } of faults) {
    const points = Math.min(sample, changes)
    const tally: CliTally = { way: way.name, fault, changes, points: 0, old: 0, new: 0, broken: [], unhealed: [] }
    tallies.push(tally)
    for (let index = 0; index < points; index += 1) {
      const at = 1 + Math.floor((index * changes) / points)
      reset(scene, 'before')
      const run = await den(way.change, { ...options, env: { ...scene.env, DEN_TEST_FAULT: `${fault}:${at}` } })
      const label = `${fault} at ${at} of ${changes}`
      // What compiles in the background makes changes of its own: past the command's last one it ends undisturbed, and that is no point.
      if (fault === 'kill' && run.code === 0) continue
      tally.points += 1
      if (fault === 'kill' ? run.signal !== 'SIGKILL' : run.signal !== undefined)
        tally.broken.push(`${label}: ended with ${run.code ?? run.signal}`)
      if (fault !== 'kill' && run.code !== 0 && !/error\[[\w-]+\]/.test(run.stderr))
        tally.broken.push(`${label}: failed without words: ${run.stderr.slice(0, 200)}`)
      await den(['env', 'list'], options)
      const now = environmentPicture(venv)
      if (now === old) tally.old += 1
      else if (now === fresh) tally.new += 1
      else tally.broken.push(`${label}: ${difference(old, fresh, now)}`)
      // Success that was told is the new state; a failure that could be taken back is the old one.
      if (fault !== 'kill' && run.code === 0 && now !== fresh)
        tally.broken.push(`${label}: exit code 0, and not the new state`)
      if ((fault === 'ENOSPC' || fault === 'EIO' || fault === 'EMFILE') && run.code !== 0 && now !== old)
        tally.broken.push(`${label}: exit code ${run.code}, and not the old state`)
      const again = await den(way.change, options)
      const healed = environmentPicture(venv)
      if (again.code !== 0 || healed !== fresh)
        tally.unhealed.push(`${label}: ${again.code} ${again.stderr.slice(0, 300)} ${difference(old, fresh, healed)}`)
      const left = fs.readdirSync(scene.project).filter((name) => name.includes('.den-'))
      if (left.length > 0) tally.unhealed.push(`${label}: left ${left.join(' ')}`)
    }
  }
  return tallies
}

function difference(old: string, fresh: string, now: string): string {
  const lines = (text: string): Set<string> => new Set(text.split('\n'))
  const [a, b, c] = [lines(old), lines(fresh), lines(now)]
  const without = (all: Set<string>, other: Set<string>): string =>
    [...all]
      .filter((line) => !other.has(line))
      .map((line) => line.split(' ')[0])
      .slice(0, 5)
      .join(' ')
  return `old lacks [${without(c, a)}], has besides [${without(a, c)}]; new lacks [${without(c, b)}], has besides [${without(b, c)}]`
}

/** The states are whole copies, times and hard links included: by those the store knows what is damaged. */
function keep(scene: CliScene, name: string): void {
  const place = path.join(scene.kept, name)
  remove(place)
  fs.mkdirSync(place, { recursive: true })
  for (const top of [scene.project, scene.home]) fs.mkdirSync(top, { recursive: true })
  copy([scene.project, scene.home], place)
}

function reset(scene: CliScene, name: string): void {
  for (const top of [scene.project, scene.home]) remove(top)
  if (name === 'empty') {
    for (const top of [scene.project, scene.home]) fs.mkdirSync(top, { recursive: true })
    writeTree(scene.project, scene.files ?? {})
  } else {
    const place = path.join(scene.kept, name)
    copy(
      [scene.project, scene.home].map((top) => path.join(place, path.basename(top))),
      path.dirname(scene.project),
    )
  }
}

function copy(from: readonly string[], to: string): void {
  const done = spawnSync('cp', ['-a', ...from, to], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}

function remove(top: string): void {
  const done = spawnSync('sh', ['-c', 'chmod -R u+w "$1" 2>/dev/null; rm -rf "$1"', 'sh', top], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
}
