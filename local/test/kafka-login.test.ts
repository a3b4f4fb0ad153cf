import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { connectEventLog } from '@mart/service-kit/connect-event-log'
import { type KafkaSettings, kafkaDefaults } from '@mart/service-kit/kafka-settings'
import { createLogger } from '@mart/service-kit/logger'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { type KafkaServer, startThrowAwayKafka } from '../src/kafka-server.ts'

const certificate = makeCertificate()
let kafka: KafkaServer
before(async () => {
  kafka = await startThrowAwayKafka({
    listeners: [
      { name: 'SASL', protocol: 'SASL_PLAINTEXT' },
      { name: 'TLS', protocol: 'SSL' },
    ],
    extraProperties: {
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      'listener.name.sasl.plain.sasl.jaas.config':
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_mart="secret";',
      'listener.name.sasl.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'listener.name.tls.ssl.keystore.type': 'PEM',
      'listener.name.tls.ssl.keystore.location': certificate.keystore,
    },
  })
})
after(() => kafka.stop())

function makeCertificate() {
  const folder = temporaryFolder()
  const [key, cert, keystore] = ['key', 'cert', 'keystore'].map((name) => join(folder, `${name}.pem`)) as [
    string,
    string,
    string,
  ]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', ...made, ...subject], { stdio: 'ignore' })
  writeFileSync(keystore, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'))
  return { keystore, ca: readFileSync(cert, 'utf8') }
}

const ping = async (t: TestContext, listener: 'SASL' | 'TLS', settings: Partial<KafkaSettings>) => {
  const log = await connectEventLog(kafka.listenerUrls[listener]!, {
    clientName: 'test',
    logger: createLogger('test', 'silent'),
    kafka: { ...kafkaDefaults, ...settings },
  })
  t.after(log.close)
  await log.prepareTopics([{ name: 'mart.tests', retentionDays: null }])
}

for (const KAFKA_SASL_MECHANISM of ['PLAIN', 'SCRAM-SHA-512'] as const)
  test(`a wrong password is said to be that (${KAFKA_SASL_MECHANISM})`, async (t) => {
    const login = { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME: 'mart', KAFKA_SASL_PASSWORD: 'guess' }
    await assert.rejects(ping(t, 'SASL', login), {
      name: 'EventLogFault',
      message: /KAFKA_SASL_PASSWORD: .* does not let in mart/,
    })
  })

test('the right password is let in', (t) =>
  ping(t, 'SASL', { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'mart', KAFKA_SASL_PASSWORD: 'secret' }))

test('a certificate that is not trusted is said to be that, and with its authority named it is trusted', async (t) => {
  await assert.rejects(ping(t, 'TLS', { KAFKA_TLS: 'on' }), {
    name: 'EventLogFault',
    message: /KAFKA_TLS_CA: the certificate of kafka:.* is not trusted/,
  })
  await ping(t, 'TLS', { KAFKA_TLS: 'on', KAFKA_TLS_CA: certificate.ca })
})
