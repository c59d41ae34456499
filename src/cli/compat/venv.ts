// `python -m venv`, by den. Its own words are kept: nothing is said when all went well, 2 for a wrong command line, 1 for all else.

import { DenError, exitCodeOf, isDenError } from '../../base/error.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { venvOptions as options } from '../options/peers.ts'
import { defined } from '../options/values.ts'
import { renderPlans } from '../render/create.ts'

/** den venv [ENV_DIR]… */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const isSet = (option: Parameters<typeof values.get<boolean>>[0]): boolean => values.get(option) === true
  try {
    if (isSet(options.upgrade) && isSet(options.clear)) {
      throw new DenError('options-conflict', { first: '--upgrade', second: '--clear', command: 'den venv' })
    }
    const source = isSet(options.upgradeDeps) ? 'latest' : 'bundle'
    const result = await session.create({
      face: 'venv',
      // PEP 832 gives venv this default; without it venv asks for a directory.
      paths: operands.length === 0 ? ['.venv'] : operands,
      existing: isSet(options.clear) ? 'clear' : isSet(options.upgrade) ? 'upgrade' : 'reuse',
      copies: isSet(options.copies),
      systemSitePackages: isSet(options.systemSitePackages),
      ignoreFiles: !isSet(options.withoutScmIgnoreFiles),
      seeds: isSet(options.withoutPip) && source === 'bundle' ? {} : { pip: source, setuptools: source },
      dryRun: isSet(options.dryRun),
      ...defined({ prompt: values.get(options.prompt), python: values.get(options.python) }),
    })
    if (output.json) output.document(schemaOf(command), result)
    else if (isSet(options.dryRun)) output.print(renderPlans(result, host, output.style))
    return 0
  } catch (error) {
    if (!isDenError(error)) throw error
    output.fail(error)
    return exitCodeOf(error) === 130 ? 130 : 1
  }
}
