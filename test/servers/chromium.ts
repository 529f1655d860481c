import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { runToEnd } from './process';

/** What a person sees on a page: headless Chromium's DOM after its scripts ran, and a picture when asked for. */
export async function seePage(url: string, screenshot?: string): Promise<string> {
  const profile = await mkdtemp('/tmp/chromium-');
  const common = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    `--user-data-dir=${profile}`,
    '--window-size=1400,1600',
    '--timeout=20000',
    '--virtual-time-budget=15000',
  ];
  const program = process.env['CHROMIUM_PATH'] ?? 'chromium';
  try {
    if (screenshot !== undefined)
      await runToEnd(program, [...common, `--screenshot=${path.resolve(screenshot)}`, url]);
    return await runToEnd(program, [...common, '--dump-dom', url]);
  } catch (error) {
    throw new Error(
      `no page was seen; install it with: apt-get install chromium. ${String(error)}`,
      { cause: error },
    );
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
