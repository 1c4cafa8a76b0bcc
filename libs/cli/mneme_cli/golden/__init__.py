"""Golden sets. In: cases of what is told and what must come of it. Out: what did not."""
