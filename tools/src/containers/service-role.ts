import postgres from 'postgres'

const LOCK_TIMEOUT_MS = 60_000

/**
 * Makes a role that owns the database of `superuserUrl` and all that is in its schema `public`, and that can do nothing a
 * superuser can. Run again, it changes nothing but the password. Returns how many things changed their owner.
 */
export async function giveDatabase(
  superuserUrl: string,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<number> {
  const db = postgres(superuserUrl, {
    max: 1,
    connect_timeout: 10,
    onnotice: () => undefined,
    // The role can make functions in `public`: none of them may be what a superuser's statement finds.
    connection: { application_name: 'roles', search_path: 'pg_catalog', lock_timeout: LOCK_TIMEOUT_MS },
  })
  try {
    const [role] = await db`
      select format('%s role %I login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password %L',
        case when exists (select from pg_roles where rolname = ${name}) then 'alter' else 'create' end,
        ${name}::text, ${password}::text) as statement`
    await db.unsafe(role!['statement'])
    const gifts = await notYetOwnedBy(db, name)
    // One lock at a time: services of the version before may still be at work.
    for (const { statement } of gifts) await db.unsafe(statement)
    return gifts.length
  } finally {
    await db.end()
  }
}

// What an extension brought stays the extension's; a column's sequence and a row's type go with their table.
const notYetOwnedBy = (db: postgres.Sql, name: string) => db<{ statement: string }[]>`
  with role as (select oid from pg_roles where rolname = ${name}),
    strange as (
      select 'pg_database'::regclass as catalog, oid as object, 'database ' || quote_ident(datname) as what
        from pg_database where datname = current_database() and datdba <> (select oid from role)
      union all
      select 'pg_class'::regclass, oid, case relkind
          when 'S' then 'sequence ' when 'v' then 'view ' when 'm' then 'materialized view ' else 'table ' end || oid::regclass
        from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm')
          and relowner <> (select oid from role)
      union all
      select 'pg_proc'::regclass, oid, 'routine ' || oid::regprocedure
        from pg_proc where pronamespace = 'public'::regnamespace and proowner <> (select oid from role)
      union all
      select 'pg_type'::regclass, oid, 'type ' || oid::regtype
        from pg_type where typnamespace = 'public'::regnamespace and typowner <> (select oid from role)
    )
  select format('alter %s owner to %I', what, ${name}::text) as statement from strange
    where not exists (
      select from pg_depend where classid = catalog and objid = object and objsubid = 0
        and (deptype = 'e' or deptype = 'i' or deptype = 'a' and what like 'sequence %'))`
