"""Remember something, correct it, ask for it: what the README shows.

Run:  make up, and in another terminal: uv run examples/ten_lines.py
"""

from mneme import Mneme

with Mneme(user_id="ada") as memory:  # http://127.0.0.1:8000, or MNEME_URL
    memory.messages.record("I live in Lisbon, and I'm allergic to peanuts.", name="Ada")
    said = memory.messages.record("Actually, I moved to Porto.", name="Ada")  # found from now on, word by word
    memory.messages.learned(said.id)  # what to remember of it is extracted in the background: waits for that

    for hit in memory.search("Where does Ada live?", top_k=2):
        print(f"{hit.score:.2f} {hit.kind}: {hit.content}")
        for version in memory.history(hit.id) if hit.kind == "memory" else ():
            print(f"       version {version.version}: {version.content} <- {version.spans[0]['quote']!r}")
