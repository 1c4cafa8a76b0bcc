"""Files with documents, questions and the documents that answer them. In: a path. Out: a dataset."""
