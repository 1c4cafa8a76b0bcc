"""The API does what its OpenAPI document says, whatever it is sent."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

from mneme_gateway import openapi
from mneme_gateway.app import routes_alone
from tests.integration.gateway.credentials import MASTER_KEY, bearer
from tests.integration.gateway.running_gateway import RunningGateway

_EXAMPLES = 25
_DOCUMENT = schemathesis.openapi.from_dict(routes_alone().openapi())
# Nothing that works them off runs here.
_JOBS = ("/v1/admin", "/v1/extract", "/v1/reflect", "/v1/schemas")
_OPERATIONS: list[Any] = [found.ok() for found in _DOCUMENT.get_all_operations()]  # type: ignore[union-attr]  # all are
_READ = "/chat"  # nor does an extractor, which a message that is to be remembered waits for
# Some rules have no form in JSON Schema: text that is not only spaces, two names for one field that must agree.
_BEYOND_JSON_SCHEMA = CHECKS.get_by_names(["positive_data_acceptance"])


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_one_that_the_document_knows(operation: Any, locked_gateway: RunningGateway) -> None:
    wait = 0 if operation.path.startswith(_JOBS) else 0.2 if operation.path == _READ else 25

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        case.call_and_validate(
            base_url=locked_gateway.url,
            headers={"Prefer": f"wait={wait}", **bearer(MASTER_KEY)},
            timeout=60,
            excluded_checks=_BEYOND_JSON_SCHEMA,
        )

    check()


def test_the_document_in_the_repository_is_up_to_date() -> None:
    assert openapi.main(["--check"]) == 0
