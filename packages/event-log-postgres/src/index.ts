/** An event log in a table of PostgreSQL. */
export {}
