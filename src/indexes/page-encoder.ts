// Who reads pages: this thread while they are few, beyond that another one, so that this one has the solver and the network to itself. A
// page may list ten thousand files, and a resolution ask for a hundred pages at once.

import { DenError } from '../base/error.ts'
import type { ErrorCode } from '../base/errors/catalogue.ts'
import type { Platform } from '../host/host.ts'
import { workerUrl } from '../host/worker-url.ts'
import { giveable, openWorkers, usefulThreads, type WorkerPool } from '../host/workers.ts'
import { encodeBody, type PageBody, type PageParts } from './page-body.ts'
import type { PageReply } from './page-worker.ts'

export interface PageEncoder {
  /**
   * Takes the body. undefined where it can't be unpacked, and where the thread that had it ended: ask for the page again. Throws
   * `invalid-index-page`.
   */
  encode(page: PageBody): Promise<PageParts | undefined>
  /** Ends the threads; a later `encode` starts them again. */
  close(): void
}

/** Bytes as they came (nearly always compressed): so much is read in less time than a thread takes to start. */
const worthThread = 2 ** 16
/** Pages that lie with a thread; beyond that this one reads a page itself. */
const depth = 64
/** Milliseconds after which a thread without a page is ended, so that its memory is free for unpacking. */
const patience = 100

const lost = new Error('the worker thread ended')

export function openPageEncoder(platform: Platform): PageEncoder {
  const threads = Math.max(0, usefulThreads(platform) - 1)
  let pool: WorkerPool<PageBody, PageReply> | undefined
  let idle: NodeJS.Timeout | undefined
  let seen = 0
  let running = 0
  const close = (): void => {
    clearTimeout(idle)
    pool?.close()
    pool = undefined
  }
  const there = (page: PageBody): Promise<PageReply> | undefined => {
    pool ??= openWorkers({
      url: workerUrl('indexes/page-worker'),
      size: threads,
      depth,
      lost,
      revive: ({ code, detail, message }) =>
        code === undefined ? new Error(message) : new DenError(code as ErrorCode, detail as never),
    })
    const body = giveable(page.body)
    return pool.tryRun({ ...page, body }, [body.buffer])
  }
  return {
    async encode(page) {
      seen += page.body.length
      if (threads === 0 || seen < worthThread) return encodeBody(page)
      clearTimeout(idle)
      const answer = there(page)
      if (answer === undefined) return encodeBody(page)
      running += 1
      try {
        return (await answer).parts
      } catch (error) {
        if (error === lost) return undefined
        throw error
      } finally {
        running -= 1
        if (running === 0) {
          idle = setTimeout(close, patience)
          idle.unref()
        }
      }
    },
    close,
  }
}
