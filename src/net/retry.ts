// What is worth another attempt, and after how long: a doubling pause with jitter, or what the server asks for.

/** Whether a status may pass by waiting: timeouts, overload, and gateways that found nobody. */
export function mayPass(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 504 && status !== 501)
}

/** Whether a failed exchange may succeed when it is made again. A name that doesn't exist stays so. */
export function isPassing(error: NodeJS.ErrnoException): boolean {
  return !final.has(error.code ?? '')
}

const final: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EACCES',
  'ERR_INVALID_URL',
  'ERR_INVALID_CHAR',
  'ERR_UNESCAPED_CHARACTERS',
  'HPE_HEADER_OVERFLOW',
])

/** Nobody sits before a command for longer than that: what a server asks for beyond it is told, and the command ends. */
const longestWait = 30_000

/** Milliseconds until the next attempt, after `count` of them, or when the server wants none before a time that is too far off. */
export function delayBefore(
  count: number,
  base: number,
  retryAfter: string | undefined,
  now: number,
): number | { readonly notBefore: number } {
  const asked = retryAfter === undefined ? undefined : secondsOf(retryAfter, now)
  if (asked !== undefined) {
    const milliseconds = Math.max(asked, 0) * 1000
    return milliseconds <= longestWait ? milliseconds : { notBefore: now + milliseconds }
  }
  return base * 2 ** (count - 1) * (0.5 + Math.random())
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function secondsOf(text: string, now: number): number | undefined {
  if (/^\d+$/.test(text.trim())) return Number(text)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : (date - now) / 1000
}

/** Waits, or less when a signal says so. */
export function pause(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    for (const signal of signals) signal.addEventListener('abort', done, { once: true })
  })
}
