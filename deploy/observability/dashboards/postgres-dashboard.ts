import { type Dashboard, orNought } from './dashboard.ts'

export const postgresDashboard: Dashboard = {
  name: 'postgresql',
  title: 'PostgreSQL',
  rows: [
    {
      title: 'The database of each service',
      panels: [
        {
          title: 'Connections to its server',
          description: 'Of everybody, and of the service alone. The server takes max_connections.',
          unit: 'number',
          lines: {
            '{{service}}': 'max by (service) (database_connections)',
            'all, server of {{service}}': 'max by (service) (database_server_connections)',
            'most, server of {{service}}': 'max by (service) (database_server_connections_most)',
          },
        },
        {
          title: 'Busy connections, of what the pools may open',
          description: 'Near 1: requests wait for a connection; a slow query, a lock, or a pool that is too small.',
          unit: 'ratio',
          lines: {
            '{{service}}':
              'max by (service) (database_connections_busy) / sum by (service) (database_pool_connections)',
          },
        },
        {
          title: 'Does not answer',
          description: '1 while a service gets no answer from its database.',
          unit: 'number',
          lines: { '{{service}}': 'max by (service) (database_reads_failing)' },
        },
        {
          title: 'Takes no writes',
          description: '1 while its disk is full or fails, or it only reads.',
          unit: 'number',
          lines: { '{{service}}': 'max by (service) (database_writes_failing)' },
        },
      ],
    },
    {
      title: 'What it does',
      panels: [
        {
          title: 'Transactions',
          description: 'Committed, and rolled back: some are collisions that are tried again, many are a fault.',
          unit: 'perSecond',
          lines: {
            '{{service}}': 'max by (service) (rate(database_commits_total[$window]))',
            '{{service}} rolled back': 'max by (service) (rate(database_rollbacks_total[$window]))',
          },
        },
        {
          title: 'Deadlocks',
          description: 'Each is tried again; a few an hour cost nothing.',
          unit: 'perMinute',
          lines: { '{{service}}': 'max by (service) (rate(database_deadlocks_total[$window])) * 60' },
        },
        {
          title: 'Found in memory, of the blocks that were asked for',
          description: 'Below 0.95 for long: more memory for PostgreSQL, or a query that reads a whole table.',
          unit: 'ratio',
          lines: {
            '{{service}}':
              'max by (service) (rate(database_blocks_hit_total[$window])) / (max by (service) (rate(database_blocks_hit_total[$window])) + max by (service) (rate(database_blocks_read_total[$window])))',
          },
        },
        {
          title: 'Write-ahead log',
          description: 'Of the whole server; with npm start one for all. What a standby or a backup has to follow.',
          unit: 'bytesPerSecond',
          lines: { 'server of {{service}}': 'max by (service) (rate(database_server_wal_bytes_total[$window]))' },
        },
        {
          title: 'The oldest transaction',
          description: "Of the service's own role. Above 15 s it is none of the services.",
          unit: 'seconds',
          lines: { '{{service}}': 'max by (service) (database_oldest_transaction_seconds)' },
        },
      ],
    },
    {
      title: 'What it keeps',
      panels: [
        {
          title: 'Size',
          description: 'On disk, all tables and indexes.',
          unit: 'bytes',
          lines: { '{{service}}': 'max by (service) (database_size_bytes)' },
        },
        {
          title: 'The ten largest tables',
          description: 'With their indexes, as last vacuumed or analysed.',
          unit: 'bytes',
          lines: { '{{service}} {{table}}': 'topk(10, max by (service, table) (database_table_bytes))' },
        },
        {
          title: 'Dead rows',
          description:
            'Deleted and not cleared away yet. A saw is well; what only climbs is held by an old transaction.',
          unit: 'number',
          lines: { '{{service}} {{table}}': 'topk(10, max by (service, table) (database_dead_rows))' },
        },
        {
          title: 'Since the last vacuum',
          description: 'Of the largest tables. One that little happens to needs none for days.',
          unit: 'seconds',
          lines: {
            '{{service}} {{table}}': orNought('max by (service, table) (database_vacuum_age_seconds)', 'table'),
          },
        },
        {
          title: 'Transaction ids used up',
          description: 'Of 2^31. Falls back at a tenth, when autovacuum freezes; at 0.5 somebody looks.',
          unit: 'ratio',
          lines: { '{{service}}': 'max by (service) (database_transaction_id_age) / 2147483648' },
        },
      ],
    },
  ],
}
