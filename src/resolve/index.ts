// denpy/resolve: the solver by itself. It asks for candidates and for what they wish, and is told; where the answers come from is the
// caller's matter. The Python half (versions, specifiers, markers, extras) can be left out for another one.

export { type Explanation, explainFailure, type Wording } from './explain.ts'
export { type Change, type Fix, type FixOptions, findFixes, type Tried, withPatience } from './fixes.ts'
export {
  areDisjoint,
  areEqual,
  complementSet,
  countPlaces,
  hasPlace,
  type IndexSet,
  intersectSets,
  isSubset,
  noPlaces,
  placesDown,
  placesUp,
  uniteSets,
} from './index-set.ts'
export type * from './problem.ts'
export {
  acrossEnvironments,
  cutVersions,
  inEnvironment,
  isDirectSpec,
  opensTier,
  openWishReader,
  type PythonCandidate,
  type PythonSpec,
  type PythonWish,
  tiers,
  type WishOptions,
  type WishReader,
} from './python.ts'
export { solve } from './solver.ts'
export { solveUniversally } from './universal.ts'
export type {
  Preference,
  Reach,
  SolvedFork,
  UniversalCandidate,
  UniversalProblem,
  UniversalResolution,
} from './universal-problem.ts'
export { type Hindrance, type NewerVersions, type WhyQuestion, whyNotNewer, whySentences } from './why.ts'
