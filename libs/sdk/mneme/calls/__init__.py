"""Each resource's verbs. In: arguments. Out: what to ask, and how to read the answer; a client carries it out."""
