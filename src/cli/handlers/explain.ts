import type { PythonOptions } from '../../env/explain/flags.ts'
import { environmentName, noSpawn } from '../options/common.ts'
import { explainAliases, explainFlags, explainPython } from '../options/environments.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderExplain } from '../render/explain.ts'

/** den explain [PATH] */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const aliases = values.get(explainAliases)
  const result = await session.explain({
    ...defined({
      path: operands[0],
      name: values.get(environmentName),
      python: values.get(explainPython),
      spawn: values.get(noSpawn) === true ? false : undefined,
    }),
    options: pythonOptions(values.get(explainFlags) ?? []),
    ...(aliases === undefined ? {} : { shell: { aliases: readAliases(aliases) } }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else {
    const { home, cwd } = host
    output.print(renderExplain(result, output.style, { verbose: output.verbose > 0, home, cwd }))
  }
  return 0
}

function pythonOptions(flags: readonly string[]): PythonOptions {
  const names = { I: 'isolated', E: 'ignoreEnvironment', s: 'noUserSite', S: 'noSite', P: 'safePath' } as const
  return Object.fromEntries(flags.map((flag) => [names[flag as keyof typeof names], true]))
}

/** What `alias` prints: name=value, with or without the word alias before it, quoted as the shell quotes. fish writes no `=`. */
function readAliases(text: string): Readonly<Record<string, string>> {
  const aliases: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const match = /^(?:alias )?([\w.-]+)[= ](.+)$/.exec(line.trim())
    if (match !== null) aliases[match[1]!] = match[2]!.replace(/^(['"])(.*)\1$/, '$2').replaceAll(`'\\''`, "'")
  }
  return aliases
}
