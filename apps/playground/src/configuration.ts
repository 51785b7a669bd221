/** What `npm start` tells the page: written into it by tools/local-stack. */
export interface Configuration {
  /** Goes with each request to `/control`. */
  readonly key: string;
  readonly restUrl: string;
  readonly gateways: readonly Gateway[];
}

export interface Gateway {
  readonly name: string;
  readonly wsUrl: string;
}

/** Null where the page was not served by `npm start`. */
export function readConfiguration(page: Document): Configuration | null {
  const text = page.getElementById('configuration')?.textContent;
  return text === undefined || text === '' ? null : (JSON.parse(text) as Configuration); // written by the same stack
}
