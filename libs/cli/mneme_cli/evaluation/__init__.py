"""Measuring retrieval. In: documents and questions with known answers. Out: how well a running server finds them."""
