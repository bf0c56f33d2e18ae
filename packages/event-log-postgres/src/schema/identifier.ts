/**
 * The reason why `name` cannot be the name of a schema or of a role, in words for a message; undefined: it can. The
 * names are part of the text of statements, so only those are accepted that PostgreSQL itself would not quote, and that
 * belong to no one else: in `public` every user of the database may have tables, and the role `public` is everyone.
 */
export const explainIdentifier = (name: string): string | undefined => {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name))
    return 'is not a name of up to 63 lower-case letters, digits and "_" that begins with a letter or "_"'
  if (/^pg_|^information_schema$|^public$/.test(name)) return 'is a name of PostgreSQL itself; choose another one'
  return keywords.has(name) ? 'is a keyword of SQL; choose another name' : undefined
}

/** The words that `quote_ident` quotes in PostgreSQL 15 to 18. A test compares them with a server's. */
const keywords: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
  lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not
  notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
  references returning right row select session_user setof similar smallint some substring symmetric system_user table
  tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose
  when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
  xmlserialize xmltable`.split(/\s+/),
)
