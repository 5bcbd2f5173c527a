import { access, constants } from 'node:fs/promises';
import { type Browser, chromium } from 'playwright-core';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Starts the system's Chromium without a window, and without anything that it would ask of the network by itself.
 *
 * `KAI_CHROMIUM` names another binary.
 *
 * @throws Error when there is none, with what to install
 */
export async function launchBrowser(): Promise<Browser> {
  const args = ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  args.push('--no-first-run', '--no-default-browser-check', '--disable-dev-shm-usage');
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return chromium.launch({ executablePath: await findChromium(), args });
}

async function findChromium(): Promise<string> {
  const named = process.env.KAI_CHROMIUM;
  const candidates = named === undefined || named === '' ? usualPaths : [named];
  for (const path of candidates) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Error(
    `Could not start a browser: no Chromium at ${candidates.join(', ')}. ` +
      'Install it (Debian: apt-get install chromium) or name its binary in KAI_CHROMIUM.',
  );
}
