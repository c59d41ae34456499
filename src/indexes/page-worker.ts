// The worker thread that turns pages into den's form.

import { parentPort } from 'node:worker_threads'
import { isDenError } from '../base/error.ts'
import { giveable, type WorkerReply } from '../host/workers.ts'
import { encodeBody, type PageBody, type PageParts } from './page-body.ts'

/** What comes back; a body that can't be unpacked is told as undefined. */
export interface PageReply {
  readonly parts: PageParts | undefined
}

function run(job: PageBody): WorkerReply<PageReply> {
  try {
    return { answer: { parts: encodeBody(job) } }
  } catch (error) {
    if (isDenError(error)) return { failure: { code: error.code, detail: error.detail, message: error.message } }
    return { failure: { message: String(error instanceof Error ? (error.stack ?? error) : error) } }
  }
}

parentPort?.on('message', (job: PageBody) => {
  const reply = run(job)
  const encoded = 'answer' in reply ? reply.answer.parts?.encoded : undefined
  if (encoded === undefined) return parentPort?.postMessage(reply)
  const [versions, files] = [giveable(encoded.versions), giveable(encoded.files)]
  const parts = {
    ...(reply as { answer: { parts: PageParts } }).answer.parts,
    encoded: { ...encoded, versions, files },
  }
  return parentPort?.postMessage({ answer: { parts } }, [versions.buffer, files.buffer])
})
