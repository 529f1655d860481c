import { createHmac } from 'node:crypto';
import type { Notice } from '../../domain/execution/notice';
import { UpstreamError } from '../upstream/upstream-error';
import { withoutSecrets } from '../upstream/http';

export type Webhook = { send(notice: Notice, signal?: AbortSignal): Promise<void> };

const TIMEOUT_MS = 10_000;

/** The header with the HMAC-SHA256 of the body, as `sha256=HEX`. */
export const SIGNATURE_HEADER = 'x-release-prep-signature';

/**
 * Sends notices as CloudEvents 1.0 (structured JSON) to one address. The id of a notice is the same in each try, so that
 * a receiver can drop what it has. The answer's body is not read. Throws UpstreamError.
 */
export const createWebhook = ({ url, secret }: { url: string; secret?: string }): Webhook => ({
  async send({ id, type, at, subject, data }, signal) {
    const body = JSON.stringify({
      ...{ specversion: '1.0', id, source: 'release-prep', type: `release-prep.${type}`, subject },
      ...{ time: at, datacontenttype: 'application/json', data },
    });
    const signature = secret && createHmac('sha256', secret).update(body).digest('hex');
    const address = new URL(url);
    const fault = (message: string, more: ConstructorParameters<typeof UpstreamError>[2]) =>
      new UpstreamError('webhook', `POST ${withoutSecrets(address)}: ${message}`, more);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json',
        ...(signature && { [SIGNATURE_HEADER]: `sha256=${signature}` }),
      },
      body,
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw signal.reason;
      throw fault(timeout.aborted ? `no answer within ${TIMEOUT_MS} ms` : 'no answer', { cause });
    });
    await response.body?.cancel();
    if (!response.ok) throw fault(`answered ${response.status}`, { status: response.status });
  },
});
