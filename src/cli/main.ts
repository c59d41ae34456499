// The program den. `--version` is answered before anything else is loaded; the rest begins in start.ts.

import { denVersion } from '../base/version.ts'

const first = process.argv[2]
if ((first === '--version' || first === '-V') && process.argv.length === 3) console.log(`den ${denVersion}`)
else void import('./start.ts').then(({ start }) => start())
