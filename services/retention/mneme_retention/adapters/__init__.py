"""The distillers: extractive, and by a model behind the OpenAI API. Only ``main`` chooses one."""
