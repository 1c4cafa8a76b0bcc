"""The rules of the deterministic extractor, by what they are about. English; other languages yield nothing."""
