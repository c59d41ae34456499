// den inside a program: packages with progress, a change that is stopped half-way, and the way back.
//
//   node install.mjs [PACKAGE…]

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { diagnose, isDenError, openSession } from 'denpy'

const packages = process.argv.length > 2 ? process.argv.slice(2) : ['rich', 'httpx']
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'den-install-'))
const environment = path.join(work, 'env')
// A session has its own directories here, so that the example leaves nothing behind; by default they are the user's.
const session = openSession({ places: { home: path.join(work, 'den-home'), cache: path.join(work, 'den-cache') } })

try {
  await session.create({ paths: [environment], seeds: {} })
  await stopped()
  await withProgress()
  const { undone } = await session.undo({ environment })
  console.log(`undid change ${undone}: ${await names()}`)
} catch (error) {
  if (!isDenError(error)) throw error
  const { code, what, why, fix } = diagnose(error)
  console.error(`${code}: ${what}${why === undefined ? '' : ` (${why})`}`)
  for (const line of fix) console.error(`  try: ${line}`)
  process.exitCode = 1
} finally {
  await session.close()
  fs.rmSync(work, { recursive: true, force: true })
}

/** Aborted as soon as there is something to put in: the environment is as it was. */
async function stopped() {
  const stop = new AbortController()
  const report = (event) => {
    if (event.kind === 'resolve.done') stop.abort()
  }
  try {
    await session.install({ environment, packages, report, signal: stop.signal })
    throw new Error('it was not stopped')
  } catch (error) {
    if (!isDenError(error, 'aborted')) throw error
    console.log(`stopped: ${await names()}`)
  }
}

async function withProgress() {
  const received = new Map()
  const report = (event) => {
    if (event.kind === 'resolve.done') console.log(`${event.chosen.length} packages to come`)
    if (event.kind === 'fetch.progress') received.set(event.url, event.received)
    if (event.kind === 'fetch.done') received.set(event.url, event.bytes)
    if (event.kind === 'install.linked') console.log(`  ${event.distribution}, ${event.files} files`)
  }
  const { installed, change } = await session.install({ environment, packages, report })
  const bytes = [...received.values()].reduce((sum, each) => sum + each, 0)
  console.log(`change ${change}: ${installed.map(({ name, version }) => `${name} ${version}`).join(', ')}`)
  console.log(`fetched ${bytes > 0 ? 'something' : 'nothing'}`)
}

async function names() {
  const all = await session.installed({ environment })
  return all.packages.map(({ name }) => name).join(', ') || 'nothing is installed'
}
