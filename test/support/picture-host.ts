import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createCertificate } from './certificate';
import { createTemporaryFolder } from './temporary-folder';

export interface PictureHost {
  readonly port: number;
  /** File of the certificate that whoever fetches from it must trust. */
  readonly certificateFile: string;
  /** Requests that came, as `path` each. */
  readonly requests: readonly string[];
  /** Connections that are open now. */
  readonly connections: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void;

/** An https server on all addresses of this machine, for these names. */
export async function startPictureHost(names: readonly string[], answer: AnswerRequest): Promise<PictureHost> {
  const certificate = createCertificate(names);
  const folder = createTemporaryFolder();
  const certificateFile = path.join(folder.path, 'certificate.pem');
  writeFileSync(certificateFile, certificate.cert);
  const requests: string[] = [];
  const server = createServer(certificate, (request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  }).listen(0);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    certificateFile,
    requests,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      folder[Symbol.dispose]();
    },
  };
}
