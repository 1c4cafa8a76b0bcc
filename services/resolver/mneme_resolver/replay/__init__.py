"""Replays: a ledger folded anew and compared with the records, which it never writes (guarantee 9).

In: a tenant, perhaps a user. Out: a report of what differs, by id and never by content.
"""
