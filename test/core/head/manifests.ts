/** The least a manifest says. */
export const minimal = {
  schema: "rewardlens.model/1",
  id: "m",
  head: "tokenClassification",
  template: { before: [{ token: "<bos>" }, "{prompt}"], eachStep: ["{step}", { token: "<step>" }] },
  read: { at: "mark", mark: "<step>" },
  limits: { maxTokens: 512 },
};
