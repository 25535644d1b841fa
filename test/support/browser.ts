// A real Chromium, the one of this machine, seen as a person sees it: a phone or a desk, in light or in the dark.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

export type Screen = { readonly width: number; readonly height: number; readonly dark?: boolean; readonly touch?: boolean };

/** The narrowest there is. */
export const phone: Screen = { width: 320, height: 640, touch: true };
export const desk: Screen = { width: 1280, height: 900 };

export type Seen = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: errors of the page, and everything it refused to load or to run. */
  readonly complaints: readonly string[];
};

/** Goes when the test ends. @param options `javaScript`: default on, as people have it. */
export async function openBrowser(screen: Screen, options: { readonly javaScript?: boolean } = {}): Promise<Seen> {
  const browser = await launch();
  const context = await browser.newContext({
    viewport: { width: screen.width, height: screen.height },
    colorScheme: screen.dark === true ? 'dark' : 'light',
    hasTouch: screen.touch === true,
    isMobile: screen.touch === true,
    javaScriptEnabled: options.javaScript ?? true,
  });
  // What does not come at once does not come: everything is on this machine.
  context.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`));
  context.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  context.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  context.on('requestfailed', (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`));
  return { page: await context.newPage(), context, complaints };
}

/** For people to look at: written only where TRUNKLINE_TEST_SCREENSHOTS names a folder. */
export async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env['TRUNKLINE_TEST_SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

async function launch(): Promise<Browser> {
  const executablePath = process.env['TRUNKLINE_TEST_CHROMIUM'];
  if (executablePath === undefined) throw new Error('No browser is named: run npm run test:browser.');
  // The sandbox needs what a container does not give to root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args });
  onTestFinished(() => browser.close());
  return browser;
}
