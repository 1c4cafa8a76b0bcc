"""From a version of a memory to the decision that wrote it."""

from __future__ import annotations

from tests.integration.gateway.person import Person


async def test_each_version_leads_to_the_operation_that_wrote_it(person: Person) -> None:
    first = await person.remember("The shed is green.", key="shed")
    second = await person.remember("The shed is blue.", key="shed")
    history = (await person.get(f"/v1/memories/{first['memory_id']}/history")).json()["versions"]
    operations = [(await person.get(f"/v1/operations/{version['operation_id']}")).json() for version in history]
    assert [operation["position"] for operation in operations] == [first["position"], second["position"]]
    assert [operation["decision"]["actions"][0]["action"] for operation in operations] == ["create", "update"]
