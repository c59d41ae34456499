// node:test's events as one JSON line each, for scripts/test.ts. Suites are not counted, only the tests in them.

import { inspect } from 'node:util'

interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name: string
    readonly file?: string
    readonly line?: number
    readonly skip?: string | boolean
    readonly todo?: string | boolean
    readonly message?: string
    readonly details?: {
      readonly duration_ms: number
      readonly type?: string
      readonly error?: Error & { readonly cause?: unknown }
    }
  }
}

// The reporter interface of node:test wants the default export.
// biome-ignore lint/style/noDefaultExport: see above
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  for await (const { type, data } of source) {
    const line = lineOf(type, data)
    if (line !== undefined) yield `${JSON.stringify(line)}\n`
  }
}

function lineOf(type: string, data: TestEvent['data']): object | undefined {
  if (type === 'test:stdout' || type === 'test:stderr') return { kind: 'said', text: data.message ?? '' }
  if (type !== 'test:pass' && type !== 'test:fail') return undefined
  const skip = data.skip ?? data.todo
  if (skip !== undefined && skip !== false) {
    return { kind: 'skip', name: data.name, why: typeof skip === 'string' && skip !== '' ? skip : 'no reason given' }
  }
  const isSuite = data.details?.type === 'suite'
  if (type === 'test:pass') {
    return isSuite ? undefined : { kind: 'pass', name: data.name, milliseconds: data.details?.duration_ms ?? 0 }
  }
  const error = data.details?.error
  const cause = error?.cause ?? error
  // A suite fails because a test in it did; that one has its own line.
  if (isSuite && /subtests? failed/.test(error?.message ?? '')) return undefined
  if (/^\d+ subtests? failed$/.test(error?.message ?? '')) return undefined
  return {
    kind: 'fail',
    name: data.name,
    file: `${data.file ?? ''}:${data.line ?? 0}`,
    error: cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause),
  }
}
