import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { createElasticsearch } from '../../src/adapters/elasticsearch/elasticsearch';
import { createAuthority, createCertificate } from './certificates';
import { startOwnElasticsearch, type ElasticsearchVersion } from './elasticsearch';

/** Who sets up the data of a test. */
export const ADMIN = { username: 'admin', password: 'admin-secret' };

/** Role name → what the role API would be sent; user name → password and roles. */
export type Access = {
  roles: Record<string, object>;
  users: Record<string, { password: string; roles: string[] }>;
};

/**
 * A server with TLS by a private authority and users of the file realm. The distribution lacks the analysers that
 * the security index needs, so roles and users come from files and API keys cannot be made on it.
 */
export async function startSecuredElasticsearch(version: ElasticsearchVersion, access: Access) {
  const folder = await mkdtemp(path.join('/tmp', 'es-secured-'));
  const authority = await createAuthority();
  const certificate = await createCertificate(authority);
  const caFile = `${folder}-ca.pem`;
  await writeFile(caFile, authority.cert);
  const removed = () =>
    Promise.all([folder, caFile].map((name) => rm(name, { recursive: true, force: true })));
  try {
    const server = await startOwnElasticsearch(version, {
      folder,
      scheme: 'https',
      settings: [
        'xpack.security.enabled: true',
        'xpack.security.autoconfiguration.enabled: false',
        'xpack.security.http.ssl.enabled: true',
        'xpack.security.http.ssl.key: http.key',
        'xpack.security.http.ssl.certificate: http.crt',
      ],
      configure: async (config, bin) => {
        const write = (name: string, text: string) => writeFile(path.join(config, name), text);
        await write('http.key', certificate.key);
        await write('http.crt', certificate.cert);
        await write('roles.yml', stringify(access.roles));
        for (const [name, { password, roles }] of Object.entries(access.users))
          await bin('elasticsearch-users', 'useradd', name, '-p', password, '-r', roles.join(','));
        await bin(
          'elasticsearch-users',
          'useradd',
          ADMIN.username,
          '-p',
          ADMIN.password,
          '-r',
          'superuser',
        );
      },
      answers: async (url) => {
        const client = createElasticsearch({ url, ...ADMIN, caFile });
        return client.cluster.health({ timeout: '1s' }).then(
          () => true,
          () => false,
        );
      },
    });
    return {
      url: server.url,
      caFile,
      stop: async () => {
        await server.stop();
        await removed();
      },
    };
  } catch (error) {
    await removed();
    throw error;
  }
}
