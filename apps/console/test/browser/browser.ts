import { chromiumArgs, chromiumPath } from '@millrace/testkit';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** A page, and what its console complained of. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: string[];
  close(): Promise<void>;
}

export const WIDE = 1280;
export const NARROW = 390;

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath() ?? '', args: chromiumArgs() });

/** A page of its own, without what others left in the browser. */
export const openPage = async (browser: Browser, { width = WIDE, scheme = 'light' }: Look = {}): Promise<OpenPage> => {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints, close: () => context.close() };
};

/** What axe finds wrong, a line each. Its script comes over the debugger, as the page takes none but its own. */
export const axeFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`));
};

/** By how many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth') as Promise<number>;
