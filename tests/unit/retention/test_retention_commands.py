"""Commands: a user's ids together, in pieces, under ids that a repetition repeats."""

from __future__ import annotations

from uuid import UUID, uuid4

from mneme_retention.decide.commands import commands_for

JOB = UUID(int=7)


def test_each_user_gets_commands_of_his_own() -> None:
    due = [("ann", UUID(int=1)), ("bob", UUID(int=2)), ("ann", UUID(int=3))]
    commands = commands_for("acme", JOB, "archive", "because", due)
    assert [(command.user_id, command.data.archive_message_ids) for command in commands] == [
        ("ann", [UUID(int=1), UUID(int=3)]),
        ("bob", [UUID(int=2)]),
    ]
    assert commands[0].data.job_id == str(JOB)
    assert commands[0].data.reason == "because"


def test_more_than_five_hundred_ids_are_cut_in_pieces() -> None:
    ids = [uuid4() for _ in range(1_201)]
    commands = commands_for("acme", JOB, "delete", "because", [("ann", one) for one in ids])
    assert [command.size for command in commands] == [500, 500, 201]
    assert [one for command in commands for one in command.data.delete_message_ids] == ids
    assert len({command.event_id for command in commands}) == 3


def test_the_same_choice_twice_has_the_same_event_id() -> None:
    due = [("ann", UUID(int=1)), ("ann", UUID(int=2))]
    first, again = (commands_for("acme", JOB, "archive", "because", due)[0] for _ in range(2))
    assert first == again


def test_another_choice_user_tenant_job_or_act_has_another_event_id() -> None:
    due = [("ann", UUID(int=1))]
    ids = {
        commands_for("acme", JOB, "archive", "because", due)[0].event_id,
        commands_for("acme", JOB, "archive", "because", [("ann", UUID(int=2))])[0].event_id,
        commands_for("acme", JOB, "archive", "because", [("bob", UUID(int=1))])[0].event_id,
        commands_for("ecma", JOB, "archive", "because", due)[0].event_id,
        commands_for("acme", UUID(int=8), "archive", "because", due)[0].event_id,
        commands_for("acme", JOB, "delete", "because", due)[0].event_id,
    }
    assert len(ids) == 6


def test_nothing_due_makes_no_command() -> None:
    assert commands_for("acme", JOB, "expire", "because", []) == []
