import { environmentName, environmentPath } from '../options/common.ts'
import type { Values } from '../options/values.ts'

/** The environment that --env or --name names; neither: the one that is found from here. */
export function chosenEnvironment(values: Values): { readonly environment?: string } {
  const environment = values.get(environmentPath) ?? values.get(environmentName)
  return environment === undefined ? {} : { environment }
}
