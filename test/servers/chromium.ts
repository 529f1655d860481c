import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runToEnd } from './process';

/**
 * What a person reads on a page after its scripts ran, in headless Chromium, and a picture when asked for. Frames
 * are read too: the Temporal Web UI renders Markdown in frames of its own, which a page's DOM does not hold.
 */
export async function seePage(url: string, screenshot?: string): Promise<string> {
  if (screenshot !== undefined) await chromium(url, `--screenshot=${path.resolve(screenshot)}`);
  const dom = await chromium(url, '--dump-dom');
  const texts = [textOf(dom)];
  for (const frame of framesOf(dom, url)) texts.push(textOf(await chromium(frame, '--dump-dom')));
  return texts.join('\n');
}

async function chromium(url: string, what: string): Promise<string> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'chromium-'));
  const program = process.env['CHROMIUM_PATH'] ?? 'chromium';
  try {
    return await runToEnd(program, [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${profile}`,
      '--window-size=1400,1600',
      '--timeout=20000',
      '--virtual-time-budget=15000',
      what,
      url,
    ]);
  } catch (error) {
    throw new Error(
      `no page was seen; install it with: apt-get install chromium, or set CHROMIUM_PATH. ${String(error)}`,
      { cause: error },
    );
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const framesOf = (dom: string, page: string): string[] =>
  [...dom.matchAll(/<iframe\b[^>]*\bsrc="([^"]+)"/g)]
    .map(([, src = '']) => new URL(decode(src), page))
    .filter(({ origin }) => origin === new URL(page).origin)
    .map(({ href }) => href);

const textOf = (dom: string): string =>
  decode(dom.replace(/<(script|style|svg)\b.*?<\/\1>/gs, ' ').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };
const decode = (text: string): string =>
  text.replace(/&(\w+);/g, (all, name: string) => ENTITIES[name] ?? all);
