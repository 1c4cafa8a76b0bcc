"""The only writer of messages and memories.

In: commands and turns. Out: ledger, records, and the changes that follow from them; one transaction a batch.
"""
