// denpy/env: environments on disk. `openSession()` of the package's root is the easier way in.

export { activationEntries } from './activation.ts'
export { type Environment, readEnvironment } from './environment.ts'
export { findEnvironments } from './find/find.ts'
export { environmentPaths } from './paths.ts'
export type { EnvironmentPaths, EnvironmentPlan, PlanEntry } from './plan.ts'
export { type Selection, selectEnvironment } from './select.ts'
