/** What Linux accounts for a process, under /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ of Linux on every platform that Node supports. */
const TICKS_PER_SECOND = 100;

export type Usage = { cpuMs: number; rssMb: number };

/** CPU time spent so far (user and system) and resident memory; undefined when the process has ended. */
export function usageOf(pid: number): Usage | undefined {
  try {
    // The name in parentheses may hold spaces: fields are counted after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpuMs: (ticks * 1000) / TICKS_PER_SECOND, rssMb: Number(rss ?? 0) / 1024 };
  } catch {
    return undefined;
  }
}

/** All processes below one, with their command lines. */
export function descendantsOf(pid: number): { pid: number; command: string }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), parent, command }];
      } catch {
        return [];
      }
    });
  const below = (parent: number): typeof all =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid).map(({ pid: id, command }) => ({ pid: id, command }));
}
