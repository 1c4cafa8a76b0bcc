"""PostgreSQL as the resolver uses it: heads, ledger, records; one statement a table and batch."""
