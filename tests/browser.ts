import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM_ADVICE, findChromium } from '../scripts/chromium.js';

/**
 * Starts the system's Chromium without a window, and without anything that it would ask of the network by itself.
 *
 * `KAI_CHROMIUM` names another binary.
 *
 * @throws Error when there is none, with what to install
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error(CHROMIUM_ADVICE);
  const args = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  args.push('--no-first-run', '--no-default-browser-check', '--disable-dev-shm-usage');
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return chromium.launch({ executablePath, args });
}
