// Makes examples/wheels/ from examples/packages/: the same bytes each time. `--check` says whether they are what they should be.

import fs from 'node:fs'
import path from 'node:path'
import { buildWheel, type WheelInput, wheelFilename } from '../tests/kit/wheel.ts'
import { root } from './toolchain.ts'

const examples = path.join(root, 'examples')

function module(folder: string, name: string): Readonly<Record<string, string>> {
  return { [name]: fs.readFileSync(path.join(examples, 'packages', folder, name), 'utf8') }
}

const scripts = { greet: 'den_example_greeting:main' }

function wheels(): readonly WheelInput[] {
  const greeting = { name: 'den-example-greeting', tag: 'py2.py3-none-any', requiresPython: '>=2.7', scripts }
  return [
    { ...greeting, version: '1.0', files: module('greeting-1.0', 'den_example_greeting.py') },
    {
      ...greeting,
      version: '2.0',
      requires: ['den-example-frame>=1.0'],
      files: module('greeting-2.0', 'den_example_greeting.py'),
    },
    {
      name: 'den-example-frame',
      version: '1.0',
      tag: 'py2.py3-none-any',
      requiresPython: '>=2.7',
      files: module('frame-1.0', 'den_example_frame.py'),
    },
  ]
}

/** The wheels that differ from what their sources make. */
export function exampleWheelProblems(): readonly string[] {
  return wheels().flatMap((wheel) => {
    const file = path.join(examples, 'wheels', wheelFilename(wheel))
    const isRight = fs.existsSync(file) && Buffer.compare(fs.readFileSync(file), buildWheel(wheel)) === 0
    return isRight ? [] : [`${path.relative(root, file)} is stale; make it anew: node scripts/example-wheels.ts`]
  })
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) {
    fs.mkdirSync(path.join(examples, 'wheels'), { recursive: true })
    for (const wheel of wheels())
      fs.writeFileSync(path.join(examples, 'wheels', wheelFilename(wheel)), buildWheel(wheel))
  }
  const problems = exampleWheelProblems()
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
