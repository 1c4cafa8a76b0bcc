"""What the rules find: each sentence with everything that must come of it, and nothing else may."""

from __future__ import annotations

import pytest

from tests.unit.extractor.speech import found, summaries

_ABOUT_ONESELF = {
    "My name is John Smith.": ["profile_fact: name; John Smith"],
    "Hi, I'm Sarah, nice to meet you!": ["profile_fact: name; Sarah"],
    "Please call me Max.": ["profile_fact: preferred name; Max"],
    "I'm 34 years old.": ["profile_fact: age; 34"],
    "I'm 28.": ["profile_fact: age; 28"],
    "I'm a 25-year-old designer.": ["profile_fact: age; 25", "profile_fact: occupation; designer"],
    "I live in Berlin, Germany.": ["profile_fact: residence; Berlin, Germany"],
    "I live in Frankfurt am Main now.": ["profile_fact: residence; Frankfurt am Main"],
    "i live in berlin": ["profile_fact: residence; berlin"],
    "My wife and I live in San Francisco.": ["profile_fact: residence; San Francisco"],
    "I\u2019m based in São Paulo.": ["profile_fact: residence; São Paulo"],
    "I live in Rome, what about you?": ["profile_fact: residence; Rome"],
    "I'm from the Netherlands originally.": ["profile_fact: origin; the Netherlands"],
    "I'm German.": ["profile_fact: nationality; German"],
    "I was born in Munich.": ["profile_fact: birthplace; Munich"],
    "I was born on May 5, 1990.": ["profile_fact: birthday; 1990-05-05"],
    "My birthday is on 5 May.": ["profile_fact: birthday; 05-05"],
    "I'm a senior data engineer.": ["profile_fact: occupation; senior data engineer"],
    "I work as a nurse at Charité.": ["profile_fact: occupation; nurse", "profile_fact: employer; Charité"],
    "I work for a small startup in Hamburg.": ["profile_fact: employer; a small startup"],
    "I've worked at Siemens for five years.": ["profile_fact: employer; Siemens"],
    "I have been living in Tokyo since 2019.": ["profile_fact: residence; Tokyo"],
    "I am originally from Brazil but now live in Canada.": [
        "profile_fact: origin; Brazil",
        "profile_fact: residence; Canada",
    ],
    "I've been vegan for three years.": ["profile_fact: diet; vegan"],
    "I work in marketing.": ["profile_fact: field of work; marketing"],
    "I study computer science at TU Berlin.": [
        "profile_fact: field of study; computer science",
        "profile_fact: school; TU Berlin",
    ],
    "I speak German, French and a little Spanish.": [
        "profile_fact: speaks german; German",
        "profile_fact: speaks french; French",
        "profile_fact: speaks spanish; Spanish",
    ],
    "I play the guitar.": ["profile_fact: plays guitar; guitar"],
    "I'm allergic to peanuts.": ["profile_fact: allergy to peanuts; peanuts"],
    "I have a severe shellfish allergy.": ["profile_fact: allergy to shellfish; shellfish"],
    "I'm vegan.": ["profile_fact: diet; vegan"],
    "I'm a vegetarian, so no meat please.": ["profile_fact: diet; vegetarian"],
    "I don't eat pork.": ["profile_fact: does not eat pork; pork"],
    "I'm lactose intolerant": ["profile_fact: lactose intolerance; lactose"],
    "I'm married.": ["profile_fact: marital status; married"],
    "My timezone is CET.": ["profile_fact: time zone; CET"],
    "My hobbies are chess, climbing and cooking.": ["profile_fact: hobbies; chess, climbing and cooking"],
    "My favorite color is blue.": ["profile_fact: favourite color; blue"],
    'My favourite book is "Dune".': ["profile_fact: favourite book; Dune"],
    "Harry Potter is my favorite book.": ["profile_fact: favourite book; Harry Potter"],
}
_FAMILY_AND_PETS = {
    "My sister Anna is a doctor.": ["relation: sister; Anna"],
    "My wife's name is Julia.": ["relation: wife; Julia"],
    "Tom is my brother.": ["relation: brother; Tom"],
    "My best friend Kim moved away.": ["relation: best friend; Kim"],
    "My dog is called Bello.": ["relation: dog; Bello"],
    "I have a dog named Rex.": ["relation: dog; Rex"],
    "Our cats, Luna and Milo, are lovely.": ["relation: cat; Luna", "relation: cat; Milo"],
    "I own a puppy called Pluto.": ["relation: dog; Pluto"],
    "I have a cat.": ["profile_fact: pet cat; cat"],
    "I have two kids and a dog named Rex.": ["relation: dog; Rex", "profile_fact: children; two"],
}
_PREFERENCES = {
    "I love hiking in the mountains.": ["preference: hiking in the mountains; likes"],
    "I love sushi, pasta, and ramen.": [
        "preference: sushi; likes",
        "preference: pasta; likes",
        "preference: ramen; likes",
    ],
    "I prefer tea to coffee.": ["preference: tea; prefers; to coffee"],
    "I prefer aisle seats because I'm tall.": ["preference: aisle seats; prefers; they're tall"],
    "I hate cilantro.": ["preference: cilantro; dislikes"],
    "I really can't stand loud music.": ["preference: loud music; dislikes"],
    "I don't like horror movies.": ["preference: horror movies; dislikes"],
    "I'm a big fan of pottery.": ["preference: pottery; likes"],
    "I'm not a fan of crowds.": ["preference: crowds; dislikes"],
    "I like hiking but I hate running.": ["preference: hiking; likes", "preference: running; dislikes"],
    "I like to swim.": ["preference: swim; likes"],
}
_RULES = {
    "Always answer in German.": ["rule: always answer in German"],
    "Please always use metric units.": ["rule: always use metric units"],
    "Never use emojis.": ["rule: never use emojis"],
    "Please don't use bullet points.": ["rule: don't use bullet points"],
    "From now on, write short answers.": ["rule: write short answers"],
    "Use British spelling from now on.": ["rule: use British spelling"],
    "Stop using emojis from now on.": ["rule: stop using emojis"],
    "Please keep your answers short.": ["rule: keep your answers short"],
    "Never call me Johnny.": ["rule: never call the user Johnny"],
    "When I ask for code, always use Python.": ["rule: when they ask for code, always use Python"],
    "I need you to always respond in JSON.": ["rule: always respond in JSON"],
}
_GOALS = {
    "I want to run a marathon next year.": ["goal: run a marathon in 2024"],
    "My goal is to lose 10 kg by summer.": ["goal: lose 10 kg by summer"],
    "I'm planning to visit Japan in October.": ["goal: visit Japan in 2023-10"],
    "I'm learning Spanish.": ["goal: learn Spanish"],
    "I dream of opening a bakery.": ["goal: opening a bakery"],
    "I'd love to visit Iceland someday.": ["goal: visit Iceland someday"],
}
_CORRECTIONS = {
    "I no longer live in Berlin.": ["profile_fact: residence; no longer Berlin"],
    "I don't live in Berlin anymore.": ["profile_fact: residence; no longer Berlin"],
    "I live not in Berlin but in Munich.": ["profile_fact: residence; Munich"],
    "I moved to Munich, I no longer live in Berlin.": ["profile_fact: residence; Munich"],
    "I work at Meta, not Google.": ["profile_fact: employer; Meta"],
    "Actually, I live in Paris.": ["profile_fact: residence; Paris"],
    "I live in Rome. Sorry, I mean, I live in Milan.": ["profile_fact: residence; Milan"],
    "That's wrong, I live in Ghent.": ["profile_fact: residence; Ghent"],
    "No, my name is Peter.": ["profile_fact: name; Peter"],
    "I no longer like coffee.": ["preference: coffee; dislikes"],
    "I'm no longer a nurse.": ["profile_fact: occupation; no longer nurse"],
    "I'm not vegan anymore.": ["profile_fact: diet; no longer vegan"],
}
_DELETIONS = {
    "Forget that I live in Berlin.": ["-profile_fact: residence; Berlin"],
    "Don't remember that I'm allergic to nuts.": ["-profile_fact: allergy to nuts; nuts"],
    "Please forget my birthday.": ["-profile_fact: birthday"],
    "Please delete my birthday from your memory.": ["-profile_fact: birthday"],
    "Forget what I told you about my address.": ["-profile_fact: residence"],
    "Forget about my job.": ["-profile_fact: occupation"],
    "Forget about the trip to Paris.": [
        "-preference: trip to Paris",
        "-goal: trip to Paris",
        "-note: the trip to Paris",
    ],
}
_NOTES = {
    "Remember that the wifi code is 1234.": ["note: the wifi code is 1234"],
    "Please remember my wife's birthday is on 3 June.": ["note: their wife's birthday is on 3 June"],
    "Remember that I'm vegan.": ["profile_fact: diet; vegan"],
}
TABLE = _ABOUT_ONESELF | _FAMILY_AND_PETS | _PREFERENCES | _RULES | _GOALS | _CORRECTIONS | _DELETIONS | _NOTES


@pytest.mark.parametrize("sentence", TABLE)
def test_everything_in_a_sentence_is_found_and_nothing_else(sentence: str) -> None:
    assert summaries(sentence) == TABLE[sentence]


@pytest.mark.parametrize("sentence", _CORRECTIONS)
def test_a_correction_is_marked_as_one_and_creates(sentence: str) -> None:
    (statement,) = found(sentence)
    assert statement.action == "create"
    assert statement.tags == ("correction",)


def test_content_is_a_sentence_of_its_own_about_the_user() -> None:
    (statement,) = found("I live in Berlin with my cat.")
    assert statement.content == "The user lives in Berlin."
    assert statement.values["subject"] == "user"


def test_content_names_the_speaker_who_has_a_name() -> None:
    (statement,) = found("I love playing with my kids.", name="Caroline")
    assert statement.content == "Caroline loves playing with their kids."
    assert statement.values == {"subject": "caroline", "topic": "playing with their kids", "polarity": "likes"}


def test_the_last_word_on_the_same_thing_counts() -> None:
    assert summaries("I live in Rome. I love pizza. I live in Milan.") == [
        "preference: pizza; likes",
        "profile_fact: residence; Milan",
    ]


def test_a_named_participant_in_any_role_speaks_for_themselves() -> None:
    assert summaries("I live in Oslo.", role="assistant", name="Ines") == ["profile_fact: residence; Oslo"]


def test_an_assistant_without_a_name_says_nothing_about_anybody() -> None:
    assert summaries("I live in Oslo.", role="assistant") == []
    assert summaries("I live in Oslo.", role="assistant", name="  ") == []


def test_a_system_prompt_is_nobodys_words_even_with_a_name() -> None:
    assert summaries("I live in Oslo. Always answer in German.", role="system", name="example_user") == []


def test_the_span_of_a_finding_is_its_clause_in_the_original_text() -> None:
    content = "Hey! 😀 By the way, I\u2019m allergic to peanuts, so beware."
    (statement,) = found(content)
    assert content[statement.start : statement.end] == "I\u2019m allergic to peanuts, so beware."
