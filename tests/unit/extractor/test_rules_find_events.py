"""Events: what the speaker did or will do, with the day it belongs to. All is said on Monday, 8 May 2023."""

from __future__ import annotations

import pytest

from tests.unit.extractor.speech import found, summaries

_EVENTS = {
    "I went to the dentist yesterday.": "event: went to the dentist; 2023-05-07",
    "Yesterday I went to the dentist.": "event: went to the dentist; 2023-05-07",
    "Last Friday, I joined a gym.": "event: joined a gym; 2023-05-05",
    "On 5 May I ran a marathon.": "event: ran a marathon; 2023-05-05",
    "I broke my leg last week.": "event: broke their leg; 2023-W18",
    "We went camping with the kids last weekend.": "event: went camping with the kids; 2023-05-06",
    "I started surfing five years ago.": "event: started surfing; 2018",
    "I bought a house in 2019.": "event: bought a house; 2019",
    "I got married in June 2018.": "event: got married; 2018-06",
    "My dad and I went fishing last Sunday.": "event: went fishing with my dad; 2023-05-07",
    "I adopted this cute pup from a shelter last week.": "event: adopted a cute pup from a shelter; 2023-W18",
    "I recently took a creative writing class.": "event: took a creative writing class; ",
    "Just got back from a road trip yesterday, it was fun!": "event: got back from a road trip; 2023-05-07",
    "I have a doctor's appointment on Monday.": "event: has a doctor's appointment; 2023-05-15",
    "I have a job interview next Friday.": "event: has a job interview; 2023-05-12",
    "I'm flying to Rome next Friday.": "event: is flying to Rome; 2023-05-12",
    "My flight is on 12 June.": "event: flight; 2023-06-12",
}


@pytest.mark.parametrize("sentence", _EVENTS)
def test_an_event_is_found_with_its_time_resolved(sentence: str) -> None:
    expected = _EVENTS[sentence].replace("with my dad", "with their dad")
    assert summaries(sentence) == [expected]


@pytest.mark.parametrize(
    "sentence",
    [
        "I went to the dentist.",
        "I have been to Japan twice.",
        "I talked about the trip next week.",
        "I thought about it yesterday.",
        "I felt sad yesterday.",
        "My daughter won the race yesterday.",
        "I'm having a great day today.",
        "I have loved it since last year.",
    ],
)
def test_no_event_without_a_deed_and_a_time_of_its_own(sentence: str) -> None:
    assert [summary for summary in summaries(sentence) if summary.startswith("event")] == []


@pytest.mark.parametrize(
    ("sentence", "content"),
    [
        ("I broke my leg last week.", "Ines broke their leg in the week of 2023-05-01."),
        ("We went camping last weekend.", "Ines went camping on the weekend of 2023-05-06."),
        ("I bought a house in 2019.", "Ines bought a house in 2019."),
        ("I recently took a class in pottery.", "Ines took a class in pottery recently."),
        ("My flight is on 12 June.", "Ines's flight is on 2023-06-12."),
    ],
)
def test_content_says_when_without_words_that_age(sentence: str, content: str) -> None:
    (statement,) = found(sentence, name="Ines")
    assert statement.content == content
