/** A door of every broker beside the plain one: for SASL and TLS. */
export interface KafkaListener {
  /** In capitals, such as SASL; `listener.name.sasl.…` properties configure it. */
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
}

export interface BrokerPlace {
  readonly nodeId: number
  readonly logDir: string
  readonly port: number
  readonly controllerPort: number
  /** By the listener's name. */
  readonly otherPorts: Readonly<Record<string, number>>
}

/** The `server.properties` of one broker of a cluster, which is its controller too. */
export function brokerProperties(
  place: BrokerPlace,
  cluster: readonly BrokerPlace[],
  listeners: readonly KafkaListener[],
): Record<string, string | number | boolean> {
  const replicas = Math.min(3, cluster.length)
  const inSync = Math.max(1, replicas - 1)
  const doors = [
    `PLAINTEXT://127.0.0.1:${place.port}`,
    ...listeners.map(({ name }) => `${name}://127.0.0.1:${place.otherPorts[name]}`),
  ]
  return {
    'process.roles': 'broker,controller',
    'node.id': place.nodeId,
    'controller.quorum.voters': cluster.map((one) => `${one.nodeId}@127.0.0.1:${one.controllerPort}`).join(','),
    listeners: [...doors, `CONTROLLER://127.0.0.1:${place.controllerPort}`].join(','),
    'advertised.listeners': doors.join(','),
    'listener.security.protocol.map': [
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
    ].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': place.logDir,
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 12,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed may come back only when its old session has run out.
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
  }
}
