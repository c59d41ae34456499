// Gives den's readers mutated wheels, source distributions and texts: `node scripts/fuzz.ts [COUNT [SEED]]`, ten thousand of each kind
// unless said. Ends with 1 at the first that is neither taken nor refused, or takes more than two seconds.

import { runMutations } from '../tests/kit/mutate.ts'
import { runTextMutations } from '../tests/kit/mutate-texts.ts'

const [count = 10_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)
process.on('unhandledRejection', (error) => {
  console.error(`unhandled: ${error instanceof Error ? error.stack : error}`)
  process.exit(1)
})
const started = performance.now()
const texts = runTextMutations(count, seed)
console.log(`${count} mutated texts, seed ${seed}: ${JSON.stringify(texts)}`)
const archives = await runMutations(count, seed)
console.log(`${count} mutated archives, seed ${seed}: ${JSON.stringify(archives)}`)
console.log(
  `${((performance.now() - started) / 1000).toFixed(0)} s, ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB at most`,
)
if (texts.slowest > 2000 || archives.slowest > 2000) process.exitCode = 1
