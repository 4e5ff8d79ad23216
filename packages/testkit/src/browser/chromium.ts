import { programOnPath } from '../processes/program-on-path.js';

/** Chromium or Chrome: `CHROMIUM_PATH`, else the first on the PATH. */
export const chromiumPath = (): string | undefined =>
  process.env.CHROMIUM_PATH || programOnPath('chromium', 'chromium-browser', 'google-chrome', 'chrome');

/** What it is started with: the sandbox of Chromium does not work for root. */
export const chromiumArgs = (): string[] => (process.getuid?.() === 0 ? ['--no-sandbox'] : []);
