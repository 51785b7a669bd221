import { eventually } from '@chat/testing';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { keepScreenshot, openBrowser, openPage, violationsOf, type WatchedPage } from '../harness/browser.ts';
import type { LocalStack } from '../harness/local-stack.ts';

/** A gateway that was killed is back, in ms. */
const RESTART_MS = 30_000;
const WIDE = { viewport: { width: 1440, height: 900 } };
const NARROW = { viewport: { width: 390, height: 844 } };

type Side = 'left' | 'right';

/** What a person finds on one side of a page. */
function sideOf(page: Page, side: Side) {
  const pane = page.locator(`#view-${side}`);
  const composer = pane.getByRole('textbox', { name: /^Message to/ });
  return {
    pane,
    composer,
    connection: pane.locator('.connection'),
    texts: pane.locator('[role=log] .content'),
    message: (text: string): Locator => pane.locator('[role=log] .message').filter({ hasText: text }),
    async says(text: string) {
      await composer.fill(text);
      await composer.press('Enter');
    },
    is: (word: string) => pane.locator('.connection strong', { hasText: word }).waitFor({ timeout: RESTART_MS }),
    press: (name: string) => pane.getByRole('button', { name, exact: true }).click(),
  };
}

/** Enters the room that the first test has made, the one with the newest activity. */
async function enterRoom(page: Page, sides: readonly Side[] = ['left', 'right']): Promise<void> {
  for (const side of sides) {
    await page
      .locator(`#view-${side}`)
      .getByRole('navigation')
      .getByRole('button', { name: /^alice and bob/ })
      .first()
      .click();
  }
}

const fate = (message: Locator, word: string) => message.locator('.ticks', { hasText: word }).waitFor();

/** Tests of the page in Chromium, on the stack of `npm start` that the caller has running. */
export function testPlayground(local: Pick<LocalStack, 'output'>): void {
  let browser: Browser;
  let url: string;
  let wide: WatchedPage;
  const others: WatchedPage[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    url = /playground +(http:\S+)/.exec(local.output)?.[1] ?? '';
    wide = await openPage(browser, url, { ...WIDE, colorScheme: 'light' });
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const { faults } of [wide, ...others]) expect(faults).toEqual([]);
    await Promise.all(others.splice(0).map(({ page }) => page.context().close()));
  });

  async function openAnother(options: Parameters<typeof openPage>[2]): Promise<Page> {
    const opened = await openPage(browser, url, options);
    others.push(opened);
    return opened.page;
  }

  it('has two users at two gateways, who chat after one press of a button', async () => {
    const { page } = wide;
    const [alice, bob] = [sideOf(page, 'left'), sideOf(page, 'right')];
    await Promise.all([alice.is('connected'), bob.is('connected')]);
    expect(await violationsOf(page)).toEqual([]);

    await alice.press('Start a chat with bob');
    await alice.says('Hello from STOMP!');
    await bob.message('Hello from STOMP!').waitFor();
    await bob.composer.pressSequentially('Hi');
    await alice.pane.getByText('bob is typing').waitFor();
    await bob.composer.press('Enter');

    await alice.message('Hi').waitFor();
    await alice.pane.getByText('2 online').waitFor();
    await Promise.all([fate(alice.message('Hello'), 'read'), fate(bob.message('Hi'), 'read')]);
    expect(await alice.texts.allTextContents()).toEqual(await bob.texts.allTextContents());
  });

  it('shows what is changed, deleted and reacted to on both sides', async () => {
    const [alice, bob] = [sideOf(wide.page, 'left'), sideOf(wide.page, 'right')];
    await alice.says('A typo hear');
    await alice.message('A typo hear').hover();
    await alice.message('A typo hear').getByRole('button', { name: 'Edit' }).click();
    await alice.pane.getByRole('textbox', { name: 'New text' }).fill('A typo here');
    await alice.pane.getByRole('button', { name: 'Save' }).click();
    await bob.message('A typo here').getByText('edited').waitFor();

    await bob.message('A typo here').hover();
    await bob.message('A typo here').getByRole('button', { name: 'React with 👍' }).click();
    await alice.message('A typo here').getByRole('button', { name: '👍, 1' }).waitFor();

    await alice.message('A typo here').hover();
    await alice.message('A typo here').getByRole('button', { name: 'Delete' }).click();
    await bob.message('deleted').waitFor();
  });

  it('tells delivered from read, and counts what is unread in a room that is not open', async () => {
    const [alice, bob] = [sideOf(wide.page, 'left'), sideOf(wide.page, 'right')];
    const readsAlong = bob.pane.getByRole('checkbox', { name: 'reads along' });
    await readsAlong.uncheck();
    await alice.says('Are you there?');
    await fate(alice.message('Are you there?'), 'delivered');
    await readsAlong.check();
    await fate(alice.message('Are you there?'), 'read');

    await bob.press('Close alice and bob');
    await alice.says('One');
    await alice.says('Two');
    await bob.pane.getByRole('button', { name: /alice and bob.*Two.*2 unread/s }).waitFor();
    await enterRoom(wide.page, ['right']);
    await bob.message('Two').waitFor();
    await fate(alice.message('Two'), 'read');
  });

  it('resumes after a socket was cut, and after the network was away', async () => {
    const [alice, bob] = [sideOf(wide.page, 'left'), sideOf(wide.page, 'right')];
    await bob.press('Cut socket');
    await alice.says('While the socket was cut');
    await bob.message('While the socket was cut').waitFor();

    await bob.press('No network');
    await bob.is('recovering');
    for (const text of ['Missed 1', 'Missed 2', 'Missed 3']) await alice.says(text);
    await fate(alice.message('Missed 3'), 'stored');
    await bob.pane.locator('.connection', { hasText: /try \d+ in \d+ s/ }).waitFor();
    await keepScreenshot(wide.page, 'recovering');
    await bob.press('No network');
    await bob.message('Missed 3').waitFor({ timeout: RESTART_MS });

    await bob.pane.getByText('came while you were away').waitFor();
    expect((await bob.texts.allTextContents()).slice(-3)).toEqual(['Missed 1', 'Missed 2', 'Missed 3']);
    expect(await alice.texts.allTextContents()).toEqual(await bob.texts.allTextContents());
  });

  it('kills a gateway, whose user comes back and has missed nothing', async () => {
    const [alice, bob] = [sideOf(wide.page, 'left'), sideOf(wide.page, 'right')];
    await wide.page.getByRole('button', { name: 'Kill ws-gateway-1' }).click();
    await alice.is('recovering');
    await bob.says('Is your gateway gone?');
    await alice.is('connected');
    await alice.message('Is your gateway gone?').waitFor({ timeout: RESTART_MS });
    await alice.says('It is back.');
    await bob.message('It is back.').waitFor();
  });

  it('shows that messages are sent but not stored while message-persister is stopped', async () => {
    const alice = sideOf(wide.page, 'left');
    await wide.page.getByRole('button', { name: 'Stop message-persister' }).click();
    await wide.page.getByRole('button', { name: 'Start message-persister' }).waitFor({ timeout: RESTART_MS });
    await alice.says('In the log alone');
    await sideOf(wide.page, 'right').message('In the log alone').waitFor();
    await fate(alice.message('In the log alone'), 'sent');
    await wide.page.getByRole('button', { name: 'Start message-persister' }).click();
    await alice.message('In the log alone').locator('.ticks', { hasText: 'read' }).waitFor({ timeout: RESTART_MS });
  });

  it('draws a burst, and has each of its messages once and in order', async () => {
    const { page } = wide;
    const bob = sideOf(page, 'right');
    await page.getByRole('combobox', { name: 'Burst of' }).selectOption('50');
    await page.getByRole('button', { name: 'by alice' }).click();
    await bob.message('50 of 50').waitFor();
    const expected = Array.from({ length: 50 }, (_, index) => `${index + 1} of 50`);
    expect((await bob.texts.allTextContents()).slice(-50)).toEqual(expected);
    await eventually(async () => {
      const seen = await page.locator('[data-measure=seen] dd').textContent();
      expect(Number(/of (\d+)/.exec(seen ?? '')?.[1])).toBeGreaterThanOrEqual(50);
    });
    expect(await page.locator('.graph path[data-measure=receipt]').getAttribute('d')).toMatch(/^M/);
    await keepScreenshot(page, 'wide');
  });

  it('shows every frame, to be filtered, read, copied and cleared, and never a token', async () => {
    const { page } = wide;
    const inspector = page.locator('.inspector');
    await inspector.getByRole('searchbox').fill('SEND chat.send');
    await inspector.getByRole('combobox', { name: 'User' }).selectOption('left');
    const rows = inspector.locator('.frames button');
    await eventually(async () => {
      const commands = await rows.locator('b').allTextContents();
      expect(commands.length).toBeGreaterThan(5);
      expect(new Set(commands)).toEqual(new Set(['SEND']));
    });
    await rows.first().click();
    const details = inspector.getByRole('region', { name: 'The chosen frame' });
    expect(await details.locator('pre').textContent()).toMatch(
      /^SEND\n[^]*client-message-id:[^]*"content": "50 of 50"/,
    );
    await details.getByRole('button', { name: 'Copy' }).click();
    await details.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^SEND\n[^]*\{"content":"50 of 50"\}/);
    await details.getByRole('button', { name: 'Close the frame' }).click();

    await inspector.getByRole('searchbox').fill('CONNECT authorization');
    await rows.first().click();
    expect(await details.locator('pre').textContent()).toContain('(hidden)');
    expect(await page.content()).not.toMatch(/eyJ[\w-]+\./);
    expect(await violationsOf(page)).toEqual([]);

    await inspector.getByRole('button', { name: 'Pause' }).click();
    await inspector.getByRole('button', { name: 'Clear' }).click();
    await sideOf(page, 'left').says('Nobody sees the frames of this');
    await sideOf(page, 'right').message('Nobody sees the frames of this').waitFor();
    await inspector.getByText(/passed meanwhile/).waitFor();
    expect(await rows.count()).toBe(0);
  });

  /** Alice in the room of the burst, at its newest message. */
  const openAtEnd = async () => {
    const page = await openAnother({ ...WIDE, colorScheme: 'light' });
    const alice = sideOf(page, 'left');
    await alice.is('connected');
    await enterRoom(page, ['left']);
    await alice.message('50 of 50').waitFor();
    return { page, alice };
  };

  it('has the newest messages of a room, and what came before once one scrolls up', async () => {
    const { page, alice } = await openAtEnd();
    expect(await alice.texts.count()).toBeLessThan(50);
    await alice.texts.last().hover();
    await eventually(async () => {
      await page.mouse.wheel(0, -10_000);
      expect(await alice.pane.getByText('This is where the room begins.').isVisible()).toBe(true);
    });
    await alice.message('Hello from STOMP!').waitFor();
    const texts = await alice.texts.allTextContents();
    expect(texts.filter((text) => text.endsWith(' of 50'))).toHaveLength(50);
  });

  it('leaves the focus where it is while more is loaded, and where there is no more', async () => {
    const { page, alice } = await openAtEnd();
    await alice.pane.getByRole('button', { name: 'Earlier messages' }).focus();
    await eventually(async () => {
      await page.keyboard.press('Enter');
      expect(await focusedText(page)).toContain('This is where the room begins.');
    });
    await page.keyboard.press('Tab');
    expect(await focusedText(page)).toContain('Nobody sees the frames of this'); // the list is one stop: its newest
  });

  it('is used by keyboard alone', async () => {
    const page = await openAnother({ ...WIDE, colorScheme: 'light' });
    await sideOf(page, 'left').is('connected');
    await page
      .getByRole('navigation', { name: 'Rooms of alice' })
      .getByRole('button', { name: /alice and bob/ })
      .first()
      .waitFor();
    await tabTo(page, 'alice and bob');
    await page.keyboard.press('Enter');
    await sideOf(page, 'left').composer.waitFor();
    await tabTo(page, 'Message to alice and bob as alice');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await sideOf(page, 'left').message('By keyboard').waitFor();

    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Home');
    expect(await focusedText(page)).not.toContain('By keyboard');
    await page.keyboard.press('End');
    expect(await focusedText(page)).toContain('By keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await sideOf(page, 'left').message('By keyboard').getByRole('button', { name: '👍, 1' }).waitFor();
  });

  it('shows one user at a time on a narrow screen', async () => {
    const page = await openAnother({ ...NARROW, colorScheme: 'light' });
    const [alice, bob] = [sideOf(page, 'left'), sideOf(page, 'right')];
    await alice.is('connected');
    expect([await alice.pane.isVisible(), await bob.pane.isVisible()]).toEqual([true, false]);
    await enterRoom(page, ['left']);
    await alice.says('From a small screen');
    await alice.message('From a small screen').waitFor();
    await keepScreenshot(page, 'narrow');
    expect(await violationsOf(page)).toEqual([]);

    const views = page.getByRole('navigation', { name: 'Views' });
    await views.getByRole('button', { name: /^bob/ }).click();
    expect([await alice.pane.isVisible(), await bob.pane.isVisible()]).toEqual([false, true]);
    await views.getByRole('button', { name: 'Backstage' }).click();
    await page.getByRole('heading', { name: 'Every frame' }).waitFor();
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('is dark where the system is, unless the switch says otherwise', async () => {
    const page = await openAnother({ ...WIDE, colorScheme: 'dark' });
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    await sideOf(page, 'left').is('connected');
    await enterRoom(page);
    await sideOf(page, 'left').message('By keyboard').waitFor();
    expect(await ground()).toBe('rgb(13, 16, 22)');
    await keepScreenshot(page, 'dark');
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('radio', { name: 'light' }).check();
    expect(await ground()).toBe('rgb(238, 240, 245)');
  });

  it('makes a room, and shows it to who joins it under another name', async () => {
    const page = await openAnother({ ...WIDE, colorScheme: 'light' });
    const [alice, cleo] = [sideOf(page, 'left'), sideOf(page, 'right')];
    await alice.is('connected');
    await alice.press('+ Room');
    const dialog = page.getByRole('dialog', { name: 'A room for alice' });
    await dialog.getByRole('textbox', { name: 'New room' }).fill('Tea');
    expect(await violationsOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await alice.composer.waitFor();

    await cleo.pane.getByRole('textbox', { name: 'Name of the right user' }).fill('cleo');
    await page.keyboard.press('Enter');
    await page.locator('#view-right[aria-label^="cleo"] .connection strong', { hasText: 'connected' }).waitFor();
    await cleo.press('+ Room');
    await page.getByRole('button', { name: 'Join Tea' }).click();
    await cleo.says('Thanks');
    await alice.message('Thanks').waitFor();
    await alice.pane.getByRole('list', { name: 'Members' }).getByText('cleo').waitFor();
  });
}

const TABS_MAX_COUNT = 60;

/** Presses Tab until what is focused has the words in it. */
async function tabTo(page: Page, words: string): Promise<void> {
  for (let count = 0; count < TABS_MAX_COUNT; count += 1) {
    if ((await focusedText(page)).includes(words)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${words} is not reached by ${TABS_MAX_COUNT} times Tab`);
}

/** Name and text of what is focused; nothing where that is the page itself. */
async function focusedText(page: Page): Promise<string> {
  const script = `(({ activeElement, body }) => activeElement === body ? '' : activeElement.ariaLabel + ' ' + activeElement.textContent)(document)`;
  return String(await page.evaluate(script));
}
