import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Screenshots of the last run. */
const SCREENSHOTS_DIR = join(import.meta.dirname, '../../../../.local/screenshots');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Chromium of the system, which `npm test` installs where it can. */
export async function openBrowser(): Promise<Browser> {
  // As root, which tests in a container are, Chromium has no sandbox to offer.
  return chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox'] });
}

async function findChromium(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const file = join(folder, name);
      const isThere = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return file;
    }
  }
  throw new Error(
    'chromium is not on PATH. Install it with:\n    sudo apt-get update && sudo apt-get install -y chromium',
  );
}

/** A page, and what went wrong in it: what was thrown, and what its own policy forbade. */
export interface WatchedPage {
  readonly page: Page;
  readonly faults: readonly string[];
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults };
}

/** What axe-core finds in the page as it is now: rule and place of each violation. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary ?? ''}`),
  );
}

export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS_DIR, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS_DIR, `${name}.png`) });
}
