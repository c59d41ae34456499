// The recording proxy by hand: serves the recorded index until its standard input ends (or Ctrl-C), its address on the first line.
//   node scripts/index-proxy.ts [--port N] [--delay MS] [--offline] [--directory DIR] [--upstream URL]
//   pip install --index-url http://127.0.0.1:N/simple/ --trusted-host 127.0.0.1 …      uv pip install --index-url http://127.0.0.1:N/simple/ …

import { parseArgs } from 'node:util'
import { openRecordingProxy } from '../tests/kit/recording-proxy.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    delay: { type: 'string' },
    offline: { type: 'boolean' },
    directory: { type: 'string' },
    upstream: { type: 'string' },
  },
})

const proxy = await openRecordingProxy({
  ...(values.port === undefined ? {} : { port: Number(values.port) }),
  ...(values.delay === undefined ? {} : { delay: Number(values.delay) }),
  ...(values.directory === undefined ? {} : { directory: values.directory }),
  ...(values.upstream === undefined ? {} : { upstream: values.upstream }),
  offline: values.offline === true,
})
console.log(proxy.url)

// A parent that is gone needs no proxy any more; on a terminal nothing is read.
if (process.stdin.isTTY !== true) {
  process.stdin.resume()
  process.stdin.on('end', () => void proxy.close().then(() => process.exit(0)))
}
