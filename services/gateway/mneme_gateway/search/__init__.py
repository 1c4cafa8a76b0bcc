"""Search. In: a scope, a query and filters. Out: ranked records of that one user, and the ledger position they show.

The postings of hot users are kept in process and brought up to date with every query by one statement that reads
what was written since; a past position is answered by the same index, built from PostgreSQL and thrown away.
"""
