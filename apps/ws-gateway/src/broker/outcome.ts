/** What a handled SEND puts on its RECEIPT, besides the receipt id. */
export type Outcome = Readonly<Record<string, string>>;

export const DONE: Outcome = {};
