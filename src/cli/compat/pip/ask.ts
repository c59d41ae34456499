// Questions on the terminal, and the answers from standard input, line by line.

import { DenError } from '../../../base/error.ts'
import type { Output } from '../../output.ts'

export interface Prompt {
  /** Asks until one of the answers comes. Throws `nobody-answers` at the end of the input. */
  ask(question: string, answers: readonly string[]): Promise<string>
  /** Lets go of standard input. */
  close(): void
}

/** Nothing is read before the first question. */
export function openPrompt(output: Output): Prompt {
  let lines: AsyncIterator<string> | undefined
  let close = (): void => undefined
  const next = async (): Promise<string | undefined> => {
    if (lines === undefined) {
      const { createInterface } = await import('node:readline')
      const reader = createInterface({ input: process.stdin })
      lines = reader[Symbol.asyncIterator]()
      close = () => reader.close()
    }
    const { value, done } = await lines.next()
    return done === true ? undefined : value
  }
  return {
    ask: async (question, answers) => {
      for (;;) {
        output.prompt(question)
        const line = await next()
        if (line === undefined) throw new DenError('nobody-answers', { question: question.trim() })
        const answer = line.trim().toLowerCase()
        if (answers.includes(answer)) return answer
        const expected = answers.map((each) => `'${each}'`).join(', ')
        output.print(`Your response ('${answer}') was not one of the expected responses: ${expected}`)
      }
    },
    close: () => close(),
  }
}
