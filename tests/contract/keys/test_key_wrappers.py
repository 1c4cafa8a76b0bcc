"""What every wrapper of data subjects' keys keeps; a key service's adapter is added to the list and to nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mneme_common.domain.failures import DependencyError
from mneme_resolver.adapters.local_key_wrapper import LocalKeyWrapper
from mneme_resolver.ports import KeyWrapper, Wrapped
from mneme_resolver.store.cipher import fresh_key

_ANN, _BOB, _ABROAD = ("acme", "ann"), ("acme", "bob"), ("other", "ann")
_MASTERS = (b"1" * 32, b"2" * 32)


def _local(first: int) -> KeyWrapper:
    """With one of two master keys in use, and the other one known."""
    return LocalKeyWrapper(_MASTERS[first], _MASTERS[1 - first])


def _local_alone(first: int) -> KeyWrapper:
    return LocalKeyWrapper(_MASTERS[first])


@pytest.fixture(params=[_local], ids=["local"])
def wrapper_under(request: pytest.FixtureRequest) -> Callable[[int], KeyWrapper]:
    """Makes a wrapper under the first or the second of two keys."""
    made: Callable[[int], KeyWrapper] = request.param
    return made


@pytest.fixture(params=[_local_alone], ids=["local"])
def lonely(request: pytest.FixtureRequest) -> Callable[[int], KeyWrapper]:
    """The same for wrappers that know no key but their own."""
    made: Callable[[int], KeyWrapper] = request.param
    return made


async def test_a_wrapped_key_is_unwrapped_again_and_does_not_show(wrapper_under: Callable[[int], KeyWrapper]) -> None:
    wrapper, keys = wrapper_under(0), {_ANN: fresh_key(), _BOB: fresh_key()}
    wrapped = await wrapper.wrap(keys)
    assert await wrapper.unwrap(wrapped) == keys
    assert {one.by for one in wrapped.values()} == {wrapper.name}
    assert not any(key in one.key for key in keys.values() for one in wrapped.values())
    assert (await wrapper.wrap(keys))[_ANN].key != wrapped[_ANN].key


async def test_what_was_wrapped_under_another_known_key_is_unwrapped(
    wrapper_under: Callable[[int], KeyWrapper],
) -> None:
    keys = {_ANN: fresh_key()}
    assert await wrapper_under(1).unwrap(await wrapper_under(0).wrap(keys)) == keys
    assert wrapper_under(0).name != wrapper_under(1).name


async def test_a_key_is_unwrapped_for_its_own_subject_alone(lonely: Callable[[int], KeyWrapper]) -> None:
    wrapped = (await lonely(0).wrap({_ANN: fresh_key()}))[_ANN]
    for subject in (_BOB, _ABROAD):
        with pytest.raises(DependencyError):
            await lonely(0).unwrap({subject: wrapped})


async def test_under_an_unknown_key_the_caller_waits_and_buries_nothing(lonely: Callable[[int], KeyWrapper]) -> None:
    wrapped = await lonely(0).wrap({_ANN: fresh_key()})
    with pytest.raises(DependencyError):
        await lonely(1).unwrap(wrapped)


async def test_keys_of_before_they_had_names_are_unwrapped_by_whichever_fits() -> None:
    keys = {_ANN: fresh_key()}
    wrapped = (await _local_alone(0).wrap(keys))[_ANN]
    assert await _local(1).unwrap({_ANN: Wrapped("", wrapped.key)}) == keys
