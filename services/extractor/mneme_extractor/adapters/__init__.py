"""The extractors: by rules, and by a model behind the OpenAI API. Only ``main`` chooses one."""
