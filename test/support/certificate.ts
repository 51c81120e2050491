import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface TestCertificate {
  /** PEM. */
  readonly key: string;
  /** PEM; signed by itself, so it is also the authority that a client must trust. */
  readonly cert: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate for these names, made anew: a stored one would run out one day. */
export function createCertificate(names: readonly string[]): TestCertificate {
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const privateKey = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + DAY_MS);
  const subject = [{ name: 'commonName', value: 'PredictQL tests' }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  const DNS_NAME = 2;
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: names.map((value) => ({ type: DNS_NAME, value })) },
  ]);
  certificate.sign(privateKey, forge.md.sha256.create());
  return { key, cert: forge.pki.certificateToPem(certificate) };
}
