// So many at a time for one host, the others in the order they came.

import type { SafeUrl } from '../base/safe-url.ts'
import { abortedError } from './aborted.ts'

export interface Turns {
  /** Resolves when it is this one's turn, to a function that passes it on; rejects with `aborted`. */
  wait(url: SafeUrl, signals: readonly AbortSignal[]): Promise<() => void>
}

interface Line {
  running: number
  readonly waiting: Set<() => void>
}

export function openTurns(most: number): Turns {
  const lines = new Map<string, Line>()
  const passOn = (origin: string, line: Line): (() => void) => {
    let passed = false
    return () => {
      if (passed) return
      passed = true
      const [next] = line.waiting
      if (next !== undefined) return next()
      line.running -= 1
      if (line.running === 0) lines.delete(origin)
    }
  }
  return {
    wait: (url, signals) => {
      const { origin } = url
      const line = lines.get(origin) ?? { running: 0, waiting: new Set() }
      lines.set(origin, line)
      if (line.running < most) {
        line.running += 1
        return Promise.resolve(passOn(origin, line))
      }
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          line.waiting.delete(start)
          for (const signal of signals) signal.removeEventListener('abort', stop)
        }
        const start = (): void => {
          leave()
          resolve(passOn(origin, line))
        }
        const stop = (): void => {
          leave()
          reject(abortedError(url, signals))
        }
        line.waiting.add(start)
        for (const signal of signals) signal.addEventListener('abort', stop, { once: true })
      })
    },
  }
}
