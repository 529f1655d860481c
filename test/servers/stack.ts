import { readFileSync } from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import type { Host } from '../../src/domain/host';

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');

export type Run = { code: number | null; out: string; err: string };

/** Runs the built command as a user would. */
export async function releasePrep(
  args: string[],
  env: Record<string, string>,
  stdin = '',
): Promise<Run> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(stdin);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

/** The hosts of the user's example, for any service. */
export function exampleHosts(service = 'user-service', version = 'v1.0.0'): Host[] {
  const file = path.resolve(__dirname, '../../sandbox/data/hosts.json');
  const { hosts } = JSON.parse(readFileSync(file, 'utf8')) as { hosts: Host[] };
  return hosts.map((host) => ({
    ...host,
    services: [{ name: service, version, status: 'active' }],
  }));
}
