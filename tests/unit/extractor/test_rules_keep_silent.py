"""What must yield nothing: a wrong memory is worse than a missing one."""

from __future__ import annotations

import pytest

from tests.unit.extractor.speech import summaries

SILENT = (
    # questions
    "Do I live in Berlin?",
    "I live in Berlin, right?",
    "What if I moved to Rome?",
    "Should I always use Python?",
    # suppositions, wishes, doubts
    "If I lived in Paris, I'd be happy.",
    "If I live in Berlin next year, I want to buy a bike.",
    "I wish I lived in Rome.",
    "Imagine I am a doctor.",
    "Let's say I work at Google.",
    "Maybe I live in the wrong city.",
    "I might want to learn Spanish.",
    # negations
    "I don't live in Berlin.",
    "I'm not a nurse.",
    "I'm not a vegetarian.",
    "My name isn't Jon.",
    "I'm not Sarah.",
    "I don't hate cats.",
    "I am not from Germany.",
    # what others say or are
    "She said I live in Berlin.",
    "My boss thinks I love meetings.",
    "My friend lives in Berlin.",
    "My mom is a nurse.",
    "My sister lives in Paris.",
    "He loves pizza.",
    "I know that my parents moved and live in Spain.",
    "I have a friend who is a nurse and works at Google.",
    "You live in Berlin.",
    # quotations and material
    '"I live in Berlin," she said.',
    "“I love horses. I live in Rome.” That is how the book begins.",
    "> I live in Berlin",
    "```\nI live in Berlin.\nAlways use tabs.\n```",
    "Translate this: I live in Berlin.",
    "Translate to German:\nI love dogs. I live in Rome.",
    "Write a story about a man: I am a doctor from Vienna.",
    # the past
    "I used to live in London.",
    "I lived in Rome for two years.",
    "As a kid I loved horses.",
    "I was a teacher for 10 years.",
    "When I was young, I liked milk.",
    # what only looks like a statement
    "I'm excited.",
    "Hi, I'm excited.",
    "I'm a morning person.",
    "I'm a great cook.",
    "I am 20 minutes late.",
    "I live in a small flat.",
    "I live in fear.",
    "I work hard.",
    "I work at night.",
    "I'm in trouble.",
    "I have a list of numbers.",
    "I speak to my mom every day.",
    "My code is broken.",
    "my phone's been giving me a hard time",
    "The house I live in Berlin time is old.",
    # irony
    "I love Mondays, said nobody ever.",
    "I love traffic jams, not.",
    "I live in Berlin. Just kidding!",
    "Oh great, I just love waiting in line.",
    "I'm a doctor in this scenario.",
    # what only might have happened, and what belongs to others
    "I was going to visit Rome last week.",
    "I canceled my trip to Rome next week.",
    "I love their work.",
    # what means nothing without its surroundings
    "I had a setback last week.",
    "I got a great pic last night.",
    "My favourite part is the ending.",
    "I love you.",
    "I love it!",
    "I like that.",
    "I love how clean this is.",
    "I prefer the second option.",
    "I want to try it.",
    "I went there yesterday.",
    "I'm allergic to it.",
    "I hope to see you soon.",
    "I'm a huge fan!",
    # errands for the assistant
    "I want to know what time it is.",
    "I'd like to know the weather in Rome.",
    "I want to write a function to parse JSON.",
    "I'm trying to fix this bug since yesterday.",
    "I need to buy milk.",
    # encouragement is no rule
    "Never give up!",
    "Always be yourself.",
    "Please don't worry.",
    "They make me laugh and always remind me of that day.",
    # forgetting that is none
    "Forget it.",
    "Forget about it, it's fine.",
    "Don't forget to call mom.",
    "I'll never forget that day.",
    "I forgot that I live in Berlin.",
    "Forget everything.",
    "Delete my file.",
    "Remember the time we got lost?",
    "Remember that day in Rome.",
    # nothing
    "",
    "   \n\t ",
    "...?!",
    "😀😀",
    # other languages
    "Ich wohne in Berlin.",
    "Me llamo Ana.",
)


@pytest.mark.parametrize("sentence", SILENT)
def test_what_states_nothing_about_the_speaker_yields_nothing(sentence: str) -> None:
    assert summaries(sentence) == []
