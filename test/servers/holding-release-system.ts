import { createServer, type RequestListener } from 'node:http';
import { onLoopback } from './loopback';

/** A release system whose answers a test gives itself; `asked` resolves with the next question about a service. */
export async function holdingReleaseSystem() {
  const waiting = new Map<string, () => void>();
  let answer: RequestListener | undefined;
  const server = createServer((request, response) => {
    const service = new URL(request.url ?? '/', 'http://localhost').searchParams.get('service');
    waiting.get(service ?? '')?.();
    answer?.(request, response);
  });
  return {
    ...(await onLoopback(server)),
    asked: (service: string) => new Promise<void>((resolve) => void waiting.set(service, resolve)),
    /** From now on; without it questions stay open. */
    answerWith: (listener: RequestListener) => (answer = listener),
  };
}
