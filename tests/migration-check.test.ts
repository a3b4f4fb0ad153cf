import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrationFaults } from './migration-check.ts'

const refused = [
  ['ban-drop-column', 'alter table orders drop column note'],
  ['ban-drop-table', 'drop table orders'],
  ['renaming-column', 'alter table orders rename column note to words'],
  ['renaming-table', 'alter table orders rename to purchases'],
  ['changing-column-type', 'alter table orders alter column number type text'],
  ['adding-required-field', 'alter table orders add column channel text not null'],
  ['adding-field-with-default', 'alter table orders add column token uuid default gen_random_uuid()'],
  ['adding-not-nullable-field', 'alter table orders alter column note set not null'],
  ['require-concurrent-index-creation', 'create index orders_note on orders (note)'],
  ['require-concurrent-index-deletion', 'drop index orders_note'],
  ['constraint-missing-not-valid', `alter table orders add constraint short check (note <> '')`],
  ['disallowed-unique-constraint', 'alter table orders add constraint once unique (note)'],
  ['adding-foreign-key-constraint', 'alter table orders add constraint of foreign key (shop) references shops (id)'],
] as const

const faultsOf = async (name: string, sql: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  writeFileSync(join(folder, name), `${sql};\n`)
  return await migrationFaults(folder)
}

for (const [rule, sql] of refused) {
  test(`a migration that an older version cannot live beside is refused: ${sql}`, async () => {
    assert.match(String(await faultsOf('0002-next.sql', sql)), new RegExp(`\\b${rule}\\b`))
  })
}

test('what only adds passes: a table with its index, a column that may be empty, one with a constant default', async () => {
  const sql = `create table notes (id int8 primary key, words text not null);
    create index notes_words on notes (words);
    alter table orders add column note text;
    alter table orders add column copies int not null default 1`
  assert.deepEqual(await faultsOf('0002-next.sql', sql), [])
})

test('an index of a table that is there is made beside its writes, outside a transaction only', async () => {
  const sql = 'drop index concurrently if exists orders_note; create index concurrently orders_note on orders (note)'
  assert.deepEqual(await faultsOf('0002-next.concurrently.sql', sql), [])
  assert.match(String(await faultsOf('0002-next.sql', sql)), /transaction/)
})

test('the migrations that are here pass', async () => assert.deepEqual(await migrationFaults(), []))
