"""The demonstration. In: a story of our own, or a LoCoMo file. Out: what was stored, extracted, corrected, found."""
