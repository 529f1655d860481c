import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Of a connection that stands, and of one that is tried: a closed port or a silent host is contacted all the same. */
const ESTABLISHED = '01';
const SYN_SENT = '02';

/** A poll reads some hundred lines of /proc; a connection that lives shorter may be missed. */
const EVERY_MS = 20;

/** Remote `host:port` of all that a process has open: TCP and connected UDP, IPv4 and IPv6, native sockets included (Linux). */
export function remotesOf(pid: number): string[] {
  const sockets = socketsOf(pid);
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    linesOf(`/proc/${pid}/net/${table}`)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === ESTABLISHED || state === SYN_SENT)
      .filter((fields) => sockets.has(fields[9] ?? ''))
      .map(([, , remote = '']) => addressOf(remote)),
  );
}

/** The same, looked at again and again; `stop` gives each that was seen. */
export function watchRemotes(pid: number): { stop(): string[] } {
  const seen = new Set<string>();
  const look = () => remotesOf(pid).forEach((remote) => seen.add(remote));
  const timer = setInterval(look, EVERY_MS);
  look();
  return {
    stop() {
      clearInterval(timer);
      look();
      return [...seen].sort();
    },
  };
}

/** Inodes of the sockets among the open files of a process; none of one that has ended. */
const socketsOf = (pid: number): Set<string> =>
  new Set(
    entriesOf(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed in the meantime.
        return [];
      }
    }),
  );

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}

/** `0100007F:1F90` → `127.0.0.1:8080`; each 32 bits are little-endian. */
function addressOf(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  const host =
    bytes.length === 4 || isMapped
      ? bytes.slice(-4).join('.')
      : new URL(`http://[${groupsOf(bytes).join(':')}]`).hostname;
  return `${host}:${Number.parseInt(port, 16)}`;
}

const groupsOf = (bytes: number[]): string[] =>
  Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
