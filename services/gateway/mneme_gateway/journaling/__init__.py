"""The journaling bot. In: what somebody writes. Out: an answer, and what changed in their memory (S1-01 to S1-06)."""
