// The program den. `--version` is answered before anything else is loaded, and what is remembered before anything much is; the rest begins
// in start.ts.

import { denVersion } from '../base/version.ts'

const first = process.argv[2]
if ((first === '--version' || first === '-V') && process.argv.length === 3) console.log(`den ${denVersion}`)
else void run()

async function run(): Promise<void> {
  if (first === 'pip' || first === 'sync' || first === 'lock' || first === 'run') {
    const { askedHere, recall, wordsOf } = await import('./recall.ts')
    const argv = process.argv.slice(2)
    const words = wordsOf(argv)
    const asked = words === undefined ? undefined : askedHere(words)
    if (asked !== undefined && first === 'run') {
      const { recallRun } = await import('./recall-run.ts')
      const code = await recallRun(argv.slice(1), asked)
      if (code !== undefined) process.exit(code)
    } else if (asked !== undefined) {
      const code = recall(asked)
      if (code !== undefined) process.exit(code)
    }
  }
  const { start } = await import('./start.ts')
  await start()
}
