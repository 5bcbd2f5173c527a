// @ts-check
import { existsSync } from 'node:fs';

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** What to tell somebody who has no Chromium. */
export const CHROMIUM_ADVICE = process.env.KAI_CHROMIUM
  ? `KAI_CHROMIUM names ${process.env.KAI_CHROMIUM}, where there is no file. Correct it, or unset it to use the system's Chromium.`
  : 'The browser tests need Chromium, and none was found. Install it (Debian: sudo apt-get install chromium; macOS: brew install --cask chromium), or set KAI_CHROMIUM to the path of a Chrome or Chromium.';

/**
 * The path of the system's Chromium: what KAI_CHROMIUM names, or else the first of the usual places.
 *
 * @returns {string | null} null when there is none
 */
export function findChromium() {
  const named = process.env.KAI_CHROMIUM;
  return (named ? [named] : USUAL_PATHS).find((path) => existsSync(path)) ?? null;
}
