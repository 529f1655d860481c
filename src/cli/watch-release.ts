import { liveBlock, type LiveBlock } from '../adapters/terminal/output';
import { plainTexts } from '../adapters/terminal/printable';
import type { ExecutionEvent, ExecutionState } from '../domain/execution/execution';
import { tell } from './print';
import { eventText } from './render/release/event-text';
import { renderRelease, type Shown } from './render/release/release';
import type { View } from './render/layout/terminal-view';

const EVERY_MS = 1_000;
const LIVE_EVENTS = 4;

type Source = {
  /** The state now. */
  ask: () => Promise<ExecutionState>;
  /** Whether the executor still runs. */
  runs: () => Promise<boolean>;
};

type Options = {
  shown: Shown;
  view: View;
  /** How the time of a line is written, and the end of an observation; default as it is. */
  when?: (at: string) => string;
  until?: (at: string) => string;
};

/** Follows a release on stderr until it ends: a live view on a terminal, one line an event elsewhere. */
export async function watchRelease(
  { ask, runs }: Source,
  { shown, view, when = (at) => at, until = when }: Options,
): Promise<ExecutionState> {
  const live = liveBlock();
  const news = newEvents(until);
  for (;;) {
    // Asked first: the last state of a release that has ended is its end.
    const running = await runs();
    const state = await ask();
    if (live) live.draw(liveView(state, shown, { texts: view.texts, ...live.size() }));
    else news(state).forEach((event) => tell(eventText(plainTexts(event), when)));
    if (!running) {
      live?.done();
      return state;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

type Room = { texts: View['texts'] } & ReturnType<LiveBlock['size']>;

/** What fits the terminal: fewer rules that are within their limits, since a longer block could not be redrawn. */
export function liveView(
  state: ExecutionState,
  shown: Shown,
  { texts, columns, rows }: Room,
): string {
  const room = rows - 1;
  const render = (rules: number): string =>
    renderRelease(state, shown, { texts, width: columns }, { rules, events: LIVE_EVENTS });
  for (let rules = state.rules.length; rules > 1; rules -= 1) {
    const text = render(rules);
    if (text.split('\n').length <= room) return text;
  }
  return render(1).split('\n').slice(0, room).join('\n');
}

/** Events that were not seen before, and each change of the phase as one. */
function newEvents(when: (at: string) => string): (state: ExecutionState) => ExecutionEvent[] {
  const seen = new Set<string>();
  let phase = '';
  return (state) => {
    const fresh = state.events.filter((event) => {
      const key = JSON.stringify(event);
      return !seen.has(key) && seen.add(key);
    });
    const now = `${state.phase}, batch ${state.batch} of ${state.batches}`;
    if (now === phase) return fresh;
    phase = now;
    const until = state.until === undefined ? '' : `, until ${when(state.until)}`;
    return [...fresh, { at: new Date().toISOString(), type: 'phase', text: now + until }];
  };
}
