"""A file is named for the thing it holds and can be read in one sitting."""

from __future__ import annotations

import statistics

from tests.arch.sources import package_sources, sources_of_tests

_EMPTY_WORDS = {"utils", "util", "helpers", "helper", "misc", "base", "manager", "managers", "models2"}
_LONGEST_FILE = 300
_LONGEST_MEDIAN = 100
_LONGEST_FUNCTION = 40


def test_no_file_or_folder_has_an_empty_name() -> None:
    found = [
        source.name
        for source in [*package_sources(), *sources_of_tests()]
        for part in source.path.with_suffix("").parts
        if part in _EMPTY_WORDS
    ]
    assert not found, f"name these for what they hold: {found}"


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {source.name: len(source.text.splitlines()) for source in [*package_sources(), *sources_of_tests()]}
    assert not {name: length for name, length in lengths.items() if length > _LONGEST_FILE}


def test_half_of_the_shipped_files_stay_under_a_hundred_lines() -> None:
    lengths = [len(source.text.splitlines()) for source in package_sources()]
    assert statistics.median(lengths) <= _LONGEST_MEDIAN


def test_no_function_is_longer_than_forty_lines() -> None:
    found = {
        f"{source.name}:{function.lineno} {function.name}": length
        for source in [*package_sources(), *sources_of_tests()]
        for function in source.functions()
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > _LONGEST_FUNCTION
    }
    assert not found


def test_test_files_have_unique_names_of_their_own() -> None:
    names = [source.path.name for source in sources_of_tests() if source.path.name.startswith("test_")]
    assert not {name for name in names if names.count(name) > 1}
