import { generate } from 'selfsigned';

/** A key and certificate as PEM. */
export type Certificate = { key: string; cert: string };

const YEAR_MS = 365 * 86_400_000;
const named = (value: string) => [{ name: 'commonName', value }];

/** A private authority, as a company has one. */
export async function createAuthority(name = 'Test authority'): Promise<Certificate> {
  const pem = await generate(named(name), {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { key: pem.private, cert: pem.cert };
}

/** A certificate signed by the authority, of a server on loopback unless another host is named or a client asked for. */
export async function createCertificate(
  authority: Certificate,
  options: { host?: string; expired?: boolean; client?: boolean } = {},
): Promise<Certificate> {
  const start = Date.now() - (options.expired ? 2 * YEAR_MS : 60_000);
  const pem = await generate(named(options.host ?? 'localhost'), {
    algorithm: 'sha256',
    ca: authority,
    notBeforeDate: new Date(start),
    notAfterDate: new Date(start + YEAR_MS),
    extensions: [
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', ...(options.client ? { clientAuth: true } : { serverAuth: true }) },
      {
        name: 'subjectAltName',
        altNames: options.host
          ? [{ type: 2, value: options.host }]
          : [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
      },
    ],
  });
  return { key: pem.private, cert: pem.cert };
}
