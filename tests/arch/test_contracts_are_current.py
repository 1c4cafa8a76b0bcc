"""The published contracts are what the code says today."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.arch.sources import ROOT

_GENERATED = {
    "asyncapi": "mneme_common.contracts.asyncapi",
    "openapi": "mneme_gateway.openapi",
}


@pytest.mark.parametrize("contract", _GENERATED)
def test_published_contract_equals_the_generated_one(contract: str) -> None:
    found = sorted((ROOT / "docs" / "contracts").glob(f"{contract}.*"))
    assert len(found) == 1, f"docs/contracts must hold one file of {contract}: {found}"
    command = [sys.executable, "-m", _GENERATED[contract], "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
