// Every check, in the order in which their findings are told: first what keeps Python from starting, last what is worth knowing.

import type { Check } from './check.ts'
import { abiCheck } from './checks/abi.ts'
import { activationCheck } from './checks/activation.ts'
import { baseVersionCheck } from './checks/base-version.ts'
import { configurationCheck } from './checks/configuration.ts'
import { executableCheck } from './checks/executable.ts'
import { halfMadeCheck } from './checks/half-made.ts'
import { homeCheck } from './checks/home.ts'
import { mountsCheck } from './checks/mounts.ts'
import { movedCheck } from './checks/moved.ts'
import { packagesCheck } from './checks/packages.ts'
import { pathTrapsCheck } from './checks/path-traps.ts'
import { searchPathCheck } from './checks/search-path.ts'
import { systemSiteFlagCheck } from './checks/system-site-flag.ts'
import { userSiteCheck } from './checks/user-site.ts'
import { variablesCheck } from './checks/variables.ts'
import { virtualEnvCheck } from './checks/virtual-env.ts'

export const checks: readonly Check[] = [
  executableCheck,
  homeCheck,
  baseVersionCheck,
  halfMadeCheck,
  configurationCheck,
  systemSiteFlagCheck,
  movedCheck,
  packagesCheck,
  abiCheck,
  activationCheck,
  mountsCheck,
  pathTrapsCheck,
  userSiteCheck,
  searchPathCheck,
  virtualEnvCheck,
  variablesCheck,
]
