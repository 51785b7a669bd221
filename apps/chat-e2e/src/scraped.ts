/** The text of `/metrics` of an internal listener. */
export async function scrape(internalUrl: string): Promise<string> {
  const response = await fetch(`${internalUrl}/metrics`);
  if (response.status !== 200) throw new Error(`no metrics: ${response.status}`);
  return response.text();
}

/** The sum of all series of this name that have these labels, written `name="value"`, among others. */
export function sumIn(text: string, name: string, ...labels: readonly string[]): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** The same, of what an internal listener shows now. */
export async function sumAt(internalUrl: string, name: string, ...labels: readonly string[]): Promise<number> {
  return sumIn(await scrape(internalUrl), name, ...labels);
}
