import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Certificate } from '../certificates';
import type { NodeLayout } from './settings';

/** A cluster that lets in who speaks TLS and logs in by SCRAM-SHA-512, and does for him what ACLs allow. */
export interface KafkaSecurity {
  /** The brokers' own; they know one another by it. Its subject must be a common name alone. */
  certificate: Certificate & { commonName: string };
  /** The authority that signed it. */
  caFile: string;
  /** Passwords by user. They are known from the first start on. */
  users: Record<string, string>;
  /** The users whom no ACL holds up. */
  superUsers: string[];
}

/** What server.properties says besides. Brokers and controllers speak mutual TLS among themselves. */
export function securitySettings(node: NodeLayout, security: KafkaSecurity): Record<string, string> {
  const { certificate, caFile, superUsers } = security;
  const clients = `SASL_SSL://127.0.0.1:${node.port}`;
  const inside = `INSIDE://127.0.0.1:${node.insidePort ?? 0}`;
  return {
    listeners: `${clients},${inside},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `${clients},${inside}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,INSIDE:SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'INSIDE',
    'listener.name.inside.ssl.client.auth': 'required',
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStoreOf(node),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': [`CN=${certificate.commonName}`, ...superUsers].map((user) => `User:${user}`).join(';'),
  };
}

/** Kafka wants key and certificate in one file. */
export function writeKeyStore(node: NodeLayout, { certificate }: KafkaSecurity): void {
  const parts = [certificate.keyFile, certificate.certFile].map((file) => readFileSync(file, 'utf8'));
  writeFileSync(keyStoreOf(node), parts.join(''), { mode: 0o600 });
}

const keyStoreOf = (node: NodeLayout): string => path.join(node.folder, 'keystore.pem');

/** The users, as the tool that formats a folder takes them. */
export const scramArguments = ({ users }: KafkaSecurity): string[] =>
  Object.entries(users).flatMap(([name, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ]);
