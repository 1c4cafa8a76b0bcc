"""The way of a write. In: validated requests. Out: events on the log, and the outcomes that the ledger gives them."""
