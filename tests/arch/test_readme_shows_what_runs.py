"""The README's example is the one that the tests run."""

from __future__ import annotations

import re

from tests.arch.sources import ROOT


def test_the_readmes_python_is_the_example_that_is_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    example = (ROOT / "examples" / "ten_lines.py").read_text(encoding="utf-8")
    assert example.endswith(shown), "copy examples/ten_lines.py from its first import into README.md"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", readme)
    assert not [target for target in targets if not (ROOT / target).exists()]
