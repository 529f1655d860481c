import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Remote `host:port` of each established IPv4 connection of a process, native ones included (Linux). */
export function remotesOf(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed in the meantime.
        return [];
      }
    }),
  );
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, ...rest]) => state === '01' && sockets.has(rest[5] ?? ''))
    .map(([, , remote = '']) => addressOf(remote));
}

/** `0100007F:1F90` → `127.0.0.1:8080`; the address is little-endian. */
function addressOf(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  const bytes =
    address
      .match(/../g)
      ?.reverse()
      .map((byte) => Number.parseInt(byte, 16)) ?? [];
  return `${bytes.join('.')}:${Number.parseInt(port, 16)}`;
}
