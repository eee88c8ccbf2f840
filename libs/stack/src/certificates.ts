import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTool } from './run-tool';

/** Who somebody is in TLS: PEM files. */
export interface Certificate {
  certFile: string;
  keyFile: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const lifetime = ['-days', '30'];

/** An authority of a test's own that signs certificates for this machine, made by `openssl`. */
export class CertificateAuthority {
  private constructor(private readonly folder: string) {}

  static async make(folder: string): Promise<CertificateAuthority> {
    mkdirSync(folder, { recursive: true });
    const authority = new CertificateAuthority(folder);
    const { caFile, caKeyFile } = authority;
    const out = ['-keyout', caKeyFile, '-out', caFile];
    await authority.openssl(
      'req',
      '-x509',
      ...newKey,
      ...lifetime,
      ...out,
      '-subj',
      '/CN=Maru test authority',
    );
    return authority;
  }

  /** Its own certificate, for those who are to trust it. */
  get caFile(): string {
    return path.join(this.folder, 'ca.pem');
  }

  /** A new certificate for 127.0.0.1 and localhost, with a new key. */
  async issue(name: string): Promise<Certificate> {
    const file = (end: string) => path.join(this.folder, `${name}.${end}`);
    const certificate = { certFile: file('pem'), keyFile: file('key') };
    writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n');
    const subject = ['-subj', `/CN=${name}`];
    await this.openssl(
      'req',
      '-new',
      ...newKey,
      '-keyout',
      certificate.keyFile,
      '-out',
      file('csr'),
      ...subject,
    );
    const signer = ['-CA', this.caFile, '-CAkey', this.caKeyFile, '-CAcreateserial'];
    const out = ['-extfile', file('ext'), '-out', certificate.certFile];
    await this.openssl('x509', '-req', '-in', file('csr'), ...signer, ...lifetime, ...out);
    return certificate;
  }

  private get caKeyFile(): string {
    return path.join(this.folder, 'ca.key');
  }

  private async openssl(...args: string[]): Promise<void> {
    await runTool({ command: 'openssl', args, logFile: path.join(this.folder, 'openssl.log') });
  }
}
