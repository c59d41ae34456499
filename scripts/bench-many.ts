// Instant environments by the thousand, all with the same pinned set in them: by a program with the library, by one command, and by two commands
// for each. Two that come before fill the store and are not timed. Bytecode is never compiled here: that is a process of its own, once for all of them.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { den, milliseconds } from './bench-kit.ts'
import type { Stopwatch, Timing } from './bench-stopwatch.ts'
import { bunExecutable, root } from './toolchain.ts'

export interface ManyRequest {
  readonly scratch: string
  readonly python: string
  readonly index: string
  readonly requirements: string
  readonly environment: Readonly<Record<string, string>>
  readonly count: number
  readonly stopwatch: Stopwatch
}

/** The program; it runs with the package that the build has made. */
const program = (library: string): string => `
import { openSession } from ${JSON.stringify(library)}
const [directory, count, python, index, requirements] = process.argv.slice(2)
const session = openSession()
for (let number = 0; number < Number(count); number += 1) {
  const environment = \`\${directory}/\${number}\`
  await session.create({ paths: [environment], python, seeds: {}, linkMode: 'instant' })
  await session.install({ environment, requirements: [requirements], index })
}
await session.close()
`

/** The same by one call. */
const oneCall = (library: string): string => `
import { openSession } from ${JSON.stringify(library)}
const [directory, count, python, index, requirements] = process.argv.slice(2)
const paths = Array.from({ length: Number(count) }, (_, number) => \`\${directory}/\${number}\`)
const session = openSession()
await session.create({ paths, python, seeds: {}, linkMode: 'instant', with: { requirements: [requirements], index } })
await session.close()
`

const shell = `
set -e
number=0
while [ "$number" -lt "$2" ]; do
  "$6" create -q --seed none -p "$3" --link-mode instant "$1/$number"
  "$6" pip --python "$1/$number/bin/python" install -q --index-url "$4" -r "$5"
  number=$((number + 1))
done
`

/** The same by one command: DEN_INDEX_URL is what `den create` is told of indexes. */
const atOnce = `
set -e
export DEN_INDEX_URL="$4"
exec "$6" create -q --seed none -p "$3" --link-mode instant -r "$5" $(seq -f "$1/%.0f" "$2")
`

/** A table of its own. */
export async function benchMany(request: ManyRequest, tell: (line: string) => void): Promise<void> {
  const { scratch, python, index, requirements, count } = request
  const file = path.join(scratch, 'many.mjs')
  const library = pathToFileURL(path.join(root, 'dist', 'npm', 'index.js')).href
  fs.writeFileSync(file, program(library))
  const fileOfOne = path.join(scratch, 'many-at-once.mjs')
  fs.writeFileSync(fileOfOne, oneCall(library))
  const words = [python, index, requirements]
  const bun = bunExecutable()
  const ways: readonly (readonly [name: string, command: (directory: string, count: number) => readonly string[]])[] = [
    ...(bun === undefined
      ? []
      : [['the library, under Bun', (to: string, many: number) => [bun, file, to, String(many), ...words]] as const]),
    ['the library, under Node', (to, many) => [process.execPath, file, to, String(many), ...words]],
    ['the library, one call, under Node', (to, many) => [process.execPath, fileOfOne, to, String(many), ...words]],
    ['den create -r FILE NAME…', (to, many) => ['/bin/sh', '-c', atOnce, 'sh', to, String(many), ...words, den]],
    ['den create and den pip install', (to, many) => ['/bin/sh', '-c', shell, 'sh', to, String(many), ...words, den]],
  ]
  tell('')
  tell(
    `| ${count} instant environments of jupyter | seconds | milliseconds each | processor time each | inodes | goal |`,
  )
  tell('| --- | --- | --- | --- | --- | --- |')
  for (const [number, [name, command]] of ways.entries()) {
    await run(request, command(path.join(scratch, `many${number}-first`), 2))
    spawnSync('sync')
    const directory = path.join(scratch, `many${number}`)
    const { wall, cpu } = await run(request, command(directory, count))
    const goal = `≤ ${(count * 25) / 1000} s, ≤ ${count * 300}`
    const cells = [
      name,
      (wall / 1000).toFixed(1),
      (wall / count).toFixed(1),
      milliseconds(cpu / count),
      String(inodesUnder(directory)),
      goal,
    ]
    tell(`| ${cells.join(' | ')} |`)
  }
}

async function run({ scratch, environment, stopwatch }: ManyRequest, command: readonly string[]): Promise<Timing> {
  const log = path.join(scratch, 'log')
  const env = { ...environment, DEN_COMPILE_BYTECODE: 'never' }
  const timing = await stopwatch.run(command, { cwd: scratch, env, log })
  if (timing.status !== 0) throw new Error(`${command.join(' ')}\n${fs.readFileSync(log, 'utf8')}`)
  return timing
}

/** What it takes of the file system: directories, and what has no further name elsewhere, as in the store. */
function inodesUnder(top: string): number {
  let directories = 0
  const names = new Map<number, { readonly all: number; here: number }>()
  const walk = (directory: string): void => {
    directories += 1
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, entry.name)
      if (entry.isDirectory()) {
        walk(file)
        continue
      }
      const { ino, nlink } = fs.lstatSync(file)
      const known = names.get(ino)
      if (known === undefined) names.set(ino, { all: nlink, here: 1 })
      else known.here += 1
    }
  }
  walk(top)
  return directories + [...names.values()].filter(({ all, here }) => all === here).length
}
