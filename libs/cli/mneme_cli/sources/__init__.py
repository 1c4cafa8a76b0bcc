"""Files with dialogues. In: a path. Out: turns in the order of the file, each with the place it comes from."""
