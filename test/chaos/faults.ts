import { open, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { runToEnd } from '../fixtures/processes/process';
import type { Arena, HttpUpstream } from './arena';
import { PASS, type Mode } from './fault-proxy';
import type { Moment } from './gates';
import type { StoreKind, Upstream } from './steps';
import { sleep } from '../fixtures/wait';

/** How hard a fault strikes; a seed chooses others than the usual ones. */
export type Severity = { outageMs: number; clockMs: number };

/** What every arena has for a fault to break. */
export type Struck = Pick<
  Arena,
  'worker' | 'temporal' | 'gates' | 'wire' | 'storeFolder' | 'setHttp'
>;

export type Fault<Broken = Arena> = {
  name: string;
  /** Where the steps are when it strikes, and where issues are stored, unless a seed says otherwise. */
  moment: Moment;
  store: StoreKind;
  /** What it breaks; `all` breaks the process or the machine that every step runs on. */
  breaks: Upstream[] | 'all';
  /** No other row may run meanwhile: what it breaks is shared. */
  alone?: true;
  /** Only with this store. */
  onlyStore?: true;
  ownTemporal?: true;
  /** Takes minutes: not among what `npm test` runs. */
  slow?: true;
  prepareFolder?: (folder: string) => Promise<() => Promise<void>>;
  /** Strikes while the steps are held; they are let go then. Answers how it is mended, once it has lasted. */
  strike: (
    arena: Broken,
    severity: Severity,
  ) => Promise<{ lastsMs: number; mend: () => Promise<void> }>;
};

const HTTP: Upstream[] = ['release-system', 'elasticsearch', 'prometheus', 'model'];

const httpFault =
  (mode: Mode, of?: HttpUpstream[]): Fault<Struck>['strike'] =>
  async (arena, { outageMs }) => {
    await arena.setHttp(mode, of);
    return { lastsMs: outageMs, mend: () => arena.setHttp(PASS) };
  };

/** Fills the file's disk, whoever else writes meanwhile, and frees so many pages: a file is begun and cannot be ended. */
async function fillBut(ballast: string, pages: number): Promise<void> {
  const { bsize } = await statfs(path.dirname(ballast));
  const file = await open(ballast, 'w');
  let size = 0;
  try {
    for (;;) size += (await file.write(Buffer.alloc(bsize))).bytesWritten;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    await file.truncate(size - pages * bsize);
  } finally {
    await file.close();
  }
}

const LONG_MS = 180_000;

/** What meets preparations and releases alike. */
export const COMMON_FAULTS: Fault<Struck>[] = [
  {
    name: 'worker SIGKILL',
    moment: 'after',
    store: 'file',
    breaks: 'all',
    async strike({ worker }) {
      worker.signal('SIGKILL');
      await worker.untilEnded();
      return { lastsMs: 1_000, mend: () => worker.start() };
    },
  },
  {
    name: 'worker SIGTERM',
    moment: 'after',
    store: 'elasticsearch',
    breaks: 'all',
    async strike({ worker }) {
      worker.signal('SIGTERM');
      await sleep(500);
      const mend = async () => {
        const how = await worker.untilEnded();
        if (how !== 'it exited with code 0') throw new Error(`SIGTERM is no failure, but ${how}`);
        await worker.start();
      };
      return { lastsMs: 0, mend };
    },
  },
  {
    name: 'Temporal restart',
    moment: 'after',
    store: 'file',
    breaks: 'all',
    ownTemporal: true,
    async strike({ temporal }, { outageMs }) {
      await temporal.stopServer();
      return { lastsMs: Math.max(outageMs, 20_000), mend: () => temporal.startServer() };
    },
  },
  {
    name: 'Prometheus down',
    moment: 'before',
    store: 'file',
    breaks: ['prometheus'],
    strike: httpFault({ kind: 'refuse' }, ['prometheus']),
  },
  {
    name: 'release system down',
    moment: 'before',
    store: 'file',
    breaks: ['release-system'],
    strike: httpFault({ kind: 'refuse' }, ['releaseSystem']),
  },
  {
    name: 'connection cut in mid-body',
    moment: 'before',
    store: 'elasticsearch',
    breaks: [...HTTP, 'temporal'],
    async strike(arena, { outageMs }) {
      await Promise.all([arena.setHttp({ kind: 'cut' }), arena.wire.setMode('cut')]);
      const mend = async () => {
        await Promise.all([arena.setHttp(PASS), arena.wire.setMode('pass')]);
      };
      return { lastsMs: outageMs, mend };
    },
  },
  {
    name: '30 s stall',
    moment: 'before',
    store: 'elasticsearch',
    breaks: [...HTTP, 'temporal'],
    async strike(arena) {
      await Promise.all([
        arena.setHttp({ kind: 'stall', ms: 30_000 }),
        arena.wire.setMode('stall'),
      ]);
      const mend = async () => {
        await Promise.all([arena.setHttp(PASS), arena.wire.setMode('pass')]);
      };
      return { lastsMs: 30_000, mend };
    },
  },
  {
    // Temporal speaks no HTTP statuses: its own limits answer RESOURCE_EXHAUSTED, which its clients wait out.
    name: '429 storm',
    moment: 'before',
    store: 'elasticsearch',
    breaks: HTTP,
    strike: httpFault({ kind: 'answer', status: 429, headers: { 'retry-after': '2' } }),
  },
  {
    name: 'disk full',
    moment: 'before',
    store: 'file',
    breaks: 'all',
    onlyStore: true,
    prepareFolder: async (folder) => {
      await runToEnd('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
      return async () => void (await runToEnd('umount', ['-l', folder]));
    },
    async strike(arena, { outageMs }) {
      const ballast = path.join(path.dirname(arena.storeFolder), 'ballast');
      await fillBut(ballast, 1);
      return { lastsMs: outageMs, mend: () => rm(ballast) };
    },
  },
  {
    name: 'clock jump',
    moment: 'before',
    store: 'file',
    breaks: 'all',
    async strike({ gates }, { clockMs }) {
      gates.shiftClock(clockMs);
      return { lastsMs: 0, mend: async () => undefined };
    },
  },
  {
    // Beyond the twelve: what no retry mends must end in a typed failure that `resume` takes up.
    name: 'credentials refused',
    moment: 'before',
    store: 'elasticsearch',
    breaks: HTTP,
    strike: httpFault({ kind: 'answer', status: 401 }),
  },
  {
    name: 'no worker for 3 min',
    moment: 'before',
    store: 'file',
    breaks: 'all',
    slow: true,
    async strike({ worker }) {
      worker.signal('SIGKILL');
      await worker.untilEnded();
      return { lastsMs: LONG_MS, mend: () => worker.start() };
    },
  },
  {
    name: 'no Temporal for 3 min',
    moment: 'before',
    store: 'elasticsearch',
    breaks: 'all',
    ownTemporal: true,
    slow: true,
    async strike({ temporal }) {
      await temporal.stopServer();
      return { lastsMs: LONG_MS, mend: () => temporal.startServer() };
    },
  },
];

/** The faults of the matrix of preparations, one a row. */
export const FAULTS: Fault[] = [
  ...COMMON_FAULTS,
  {
    name: 'Elasticsearch restart',
    moment: 'before',
    store: 'elasticsearch',
    breaks: ['elasticsearch'],
    alone: true,
    async strike({ upstreams }, { outageMs }) {
      await upstreams.stopElasticsearch();
      return { lastsMs: outageMs, mend: () => upstreams.startElasticsearch() };
    },
  },
  {
    name: 'model down',
    moment: 'before',
    store: 'file',
    breaks: ['model'],
    strike: httpFault({ kind: 'refuse' }, ['model']),
  },
];
