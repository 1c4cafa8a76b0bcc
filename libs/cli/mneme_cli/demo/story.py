"""A story in three conversations, told so that everything Mneme does with words can be seen in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

MAYA = "Maya"
ASSISTANT = "Assistant"


@dataclass(frozen=True, slots=True)
class Scene:
    """One conversation: its name, how many days ago it was, and who said what."""

    conversation: str
    days_ago: int
    lines: tuple[tuple[str, str], ...]

    def messages(self, now: datetime) -> Iterator[dict[str, object]]:
        """The lines as messages, twenty seconds apart."""
        begin = now - timedelta(days=self.days_ago, minutes=10)
        for number, (speaker, text) in enumerate(self.lines):
            yield {
                "role": "user" if speaker == MAYA else "assistant",
                "name": speaker,
                "content": text,
                "conversation_id": self.conversation,
                "occurred_at": begin + timedelta(seconds=20 * number),
            }


COOKING = Scene(
    "cooking",
    60,
    (
        (MAYA, "Hi, I'm Maya. I live in Hamburg and I work as a nurse."),
        (ASSISTANT, "Nice to meet you, Maya. What can I do for you?"),
        (MAYA, "I need ideas for dinner. I'm allergic to peanuts, and I don't eat pork."),
        (ASSISTANT, "No peanuts, no pork. Do you like it hot?"),
        (MAYA, "I love spicy curries, but I can't stand coriander."),
        (ASSISTANT, "Then how about a red lentil curry with spinach?"),
        (MAYA, "Great. My brother Jonas comes to dinner on Saturday."),
        (ASSISTANT, "For two people I would take a cup and a half of lentils."),
        (MAYA, "Please always use metric units."),
        (ASSISTANT, "Of course: 300 g of lentils and 800 ml of stock."),
        (MAYA, "My cat is called Pixel, she will sit on the scales as usual."),
        (ASSISTANT, "Weigh the lentils first, then Pixel."),
        (MAYA, "My birthday is on 12 July, so save the recipe until then."),
        (ASSISTANT, "Saved. Write to me when you need the shopping list."),
        (MAYA, "Send it to maya.lindner@example.org, please."),
    ),
)
RUNNING = Scene(
    "running",
    21,
    (
        (MAYA, "I want to run a half marathon next spring."),
        (ASSISTANT, "A good goal. How often do you run now?"),
        (MAYA, "Twice a week. I prefer running in the morning because the park is empty then."),
        (ASSISTANT, "Then add one slow long run on Sundays."),
        (MAYA, "I bought new running shoes yesterday."),
        (ASSISTANT, "Break them in on short distances first."),
        (MAYA, "I have a physiotherapy appointment next Friday, my knee complains."),
        (ASSISTANT, "Keep the knee warm, and skip the hills until then."),
        (MAYA, "I'm learning Portuguese, I listen to a course while I run."),
        (ASSISTANT, "Two birds with one stone."),
        (MAYA, "My best friend Amira will run with me."),
        (ASSISTANT, "It is easier in company."),
    ),
)
NEWS = Scene(
    "news",
    0,
    (
        (MAYA, "I have news: I moved to Bremen, I no longer live in Hamburg."),
        (ASSISTANT, "Congratulations! And the clinic?"),
        (MAYA, "I now work as a midwife, I'm no longer a nurse."),
        (ASSISTANT, "That is a big step. How is the running?"),
        (MAYA, "The physiotherapist is content. Amira and I ran twelve kilometres last Sunday."),
        (ASSISTANT, "Right on plan. Curry tonight, to celebrate?"),
        (MAYA, "Actually, I no longer like spicy curries. I prefer soup these days."),
        (ASSISTANT, "Then a pumpkin soup."),
        (MAYA, "Gladly. And please forget my birthday, I would rather not celebrate it this year."),
        (ASSISTANT, "Forgotten."),
        (MAYA, "Remember that the spare key is with Amira."),
        (ASSISTANT, "I will."),
    ),
)
SCENES = (COOKING, RUNNING, NEWS)

QUESTIONS = (
    "Where does Maya live?",
    "What is Maya allergic to?",
    "What does Maya work as?",
    "When does Maya prefer running?",
    "Who has the spare key?",
)
