/** Every command of the extension, as package.json declares them. String literals for them occur only here. */
export const commands = {
  openRollouts: "rewardLens.openRollouts",
  chooseCreditMethod: "rewardLens.chooseCreditMethod",
  toggleInlineCredit: "rewardLens.toggleInlineCredit",
  rescore: "rewardLens.rescore",
  dryRun: "rewardLens.dryRun",
  compareGraphs: "rewardLens.compareGraphs",
  showCurves: "rewardLens.showCurves",
  nextStep: "rewardLens.nextStep",
  previousStep: "rewardLens.previousStep",
  revealInLog: "rewardLens.revealInLog",
  recomputeScale: "rewardLens.recomputeScale",
  sortRollouts: "rewardLens.sortRollouts",
  filterRollouts: "rewardLens.filterRollouts",
  clearFilter: "rewardLens.clearFilter",
  refreshRollouts: "rewardLens.refreshRollouts",
  closeRun: "rewardLens.closeRun",
  followLatest: "rewardLens.followLatest",
  stopFollowing: "rewardLens.stopFollowing",
  tuneCredit: "rewardLens.tuneCredit",
  installGpuSupport: "rewardLens.installGpuSupport",
  showDoctor: "rewardLens.showDoctor",
} as const;

export type CommandId = (typeof commands)[keyof typeof commands];

/** Commands of tree rows: registered, but in no palette. */
export const internalCommands = {
  showTrace: "rewardLens.tree.showTrace",
  showMore: "rewardLens.tree.showMore",
} as const;

/** Settings, below `rewardLens`. */
export const settings = {
  creditMethod: "credit.method",
  creditInline: "credit.inline",
  segmentation: "steps.segmentation",
  followEditor: "rollouts.followEditor",
  curvesOpenWithRun: "curves.openWithRun",
  scorerDevice: "scorer.device",
  scorerThreads: "scorer.threads",
  scorerModels: "scorer.models",
} as const;

/** Context keys of menus. */
export const contextKeys = {
  traceActive: "rewardLens.traceActive",
  filtered: "rewardLens.filtered",
  following: "rewardLens.following",
} as const;

export const rolloutsView = "rewardLens.rollouts";
export const creditView = "rewardLens.credit";
export const traceScheme = "rewardlens";
export const textScheme = "rewardlens-text";
export const traceLanguage = "rewardlens-trace";
