// den inside a program: an environment with progress, then a cancelled batch of them.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { diagnose, isDenError, openSession } from 'denpy'

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'den-embed-'))
// A session has its own directories here, so that the example leaves nothing behind; by default they are the user's.
const places = { home: path.join(work, 'den-home'), cache: path.join(work, 'den-cache') }

try {
  await withProgress()
  await cancelled()
} catch (error) {
  if (!isDenError(error)) throw error
  const { code, what, why, fix } = diagnose(error)
  console.error(`${code}: ${what}${why === undefined ? '' : ` (${why})`}`)
  for (const line of fix) console.error(`  try: ${line}`)
  process.exitCode = 1
} finally {
  fs.rmSync(work, { recursive: true, force: true })
}

async function withProgress() {
  const report = (event) => {
    switch (event.kind) {
      case 'create.started':
        console.log(`making ${path.basename(event.path)} from ${event.python}`)
        break
      case 'store.unpacked':
      case 'install.linked':
        console.log(`  ${event.kind}: ${event.distribution}, ${event.files} files`)
        break
      case 'create.done':
        console.log(`made ${path.basename(event.path)}`)
        break
    }
  }
  const session = openSession({ report, places })
  try {
    const { environments } = await session.create({ paths: [path.join(work, 'one')], seeds: { pip: 'bundle' } })
    const [made] = environments
    console.log(`ready: Python ${made.version} with ${made.seeds.join(', ')}`)
  } finally {
    await session.close()
  }
}

async function cancelled() {
  const stop = new AbortController()
  let finished = 0
  const report = (event) => {
    if (event.kind !== 'create.done') return
    finished += 1
    if (finished === 20) stop.abort()
  }
  const session = openSession({ report, places, signal: stop.signal })
  const paths = Array.from({ length: 500 }, (_, index) => path.join(work, 'many', `env-${index}`))
  try {
    await session.create({ paths, seeds: { pip: 'bundle' } })
    console.log('not cancelled?')
    process.exitCode = 1
  } catch (error) {
    if (!isDenError(error, 'aborted')) throw error
    const left = fs.readdirSync(path.join(work, 'many'))
    const half = left.filter((name) => !name.startsWith('env-'))
    console.log(`cancelled after ${finished}: ${left.length} environments, ${half.length} half-made`)
    if (left.length !== finished || half.length > 0) process.exitCode = 1
  } finally {
    await session.close()
  }
}
