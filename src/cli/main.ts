// The program den. `--version` is answered before anything else is loaded, and what is remembered before anything much is; the rest begins
// in start.ts.

import { denVersion } from '../base/version.ts'

const first = process.argv[2]
if ((first === '--version' || first === '-V') && process.argv.length === 3) console.log(`den ${denVersion}`)
else void run()

async function run(): Promise<void> {
  if (first === 'pip') {
    const { askedHere, recall } = await import('./recall.ts')
    const asked = askedHere(process.argv.slice(3))
    const code = asked === undefined ? undefined : recall(asked)
    if (code !== undefined) process.exit(code)
  }
  const { start } = await import('./start.ts')
  await start()
}
