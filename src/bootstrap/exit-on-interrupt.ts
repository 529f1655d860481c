import os from 'node:os';

/**
 * Ctrl-C and SIGTERM end a command by an exit, not by the signal: what is registered for the exit is then cleaned up
 * (temporary folders, locks, programs that were started). A command that listens itself decides what they mean.
 */
export function exitOnInterrupt(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + os.constants.signals[signal]);
    });
}
