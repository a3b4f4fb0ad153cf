/** The embedded server's command line: tuned for short transactions on two cores. */
export function postgresArguments({ dataDir, port, durable }: { dataDir: string; port: number; durable: boolean }) {
  const settings = { ...base, ...(durable ? kept : thrownAway), port: String(port) }
  return ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

const base = {
  listen_addresses: '127.0.0.1',
  // No Unix socket: its path may be at most 107 bytes long, and it is not faster.
  unix_socket_directories: '',
  max_connections: '200',
  jit: 'off',
  random_page_cost: '1.1',
  effective_cache_size: '1GB',
  // Outbox and inbox are written and emptied all the time; the defaults wait for a fifth of the table.
  autovacuum_naptime: '15s',
  autovacuum_max_workers: '2',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_analyze_scale_factor: '0.05',
  // Refused rows are an everyday answer here, and their details would put people's data into the log.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %q%u@%d ',
}

const kept = {
  shared_buffers: '128MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_buffers: '16MB',
}

const thrownAway = {
  shared_buffers: '128MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}
