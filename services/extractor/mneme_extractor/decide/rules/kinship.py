"""Words for relatives, other people close to somebody, and pets, each with the word by which the relation is kept."""

from __future__ import annotations

from mneme_extractor.decide.vocabulary import alternatives, by_synonym, vocabulary

_SYNONYMS = by_synonym(
    {
        "mother": "mother|mom|mum|mommy|mummy|mama",
        "father": "father|dad|daddy|papa",
        "grandmother": "grandmother|grandma|granny|nana|gran",
        "grandfather": "grandfather|grandpa|granddad|grandad",
        "wife": "wife",
        "husband": "husband|hubby",
        "child": "child|kid",
        "dog": "dog|puppy|pup",
        "cat": "cat|kitten|kitty",
        "rabbit": "rabbit|bunny",
        "fiancé": "fiancé|fiance|fiancée|fiancee",
    }
)
_AS_THEY_ARE = vocabulary(
    "sister brother sibling son daughter twin cousin aunt uncle niece nephew grandson granddaughter stepmother "
    "stepfather stepmom stepdad stepsister stepbrother stepson stepdaughter mother-in-law father-in-law "
    "sister-in-law brother-in-law son-in-law daughter-in-law godmother godfather godson goddaughter partner "
    "spouse girlfriend boyfriend baby friend roommate flatmate housemate neighbor neighbour colleague coworker "
    "co-worker boss manager teammate mentor therapist dentist doctor landlord landlady coach tutor supervisor"
)
_PETS = vocabulary(
    "dog cat puppy pup kitten kitty hamster rabbit bunny parrot horse pony fish goldfish turtle tortoise ferret bird "
    "budgie gecko snake lizard iguana chinchilla hedgehog duck chicken goat pig cow sheep donkey rat mouse "
    "cockatiel canary"
)
PETS = _PETS | {"guinea pig"}
RELATIONS = {word: word for word in _AS_THEY_ARE | PETS} | _SYNONYMS
_QUALIFIERS = (
    "older|elder|oldest|eldest|younger|youngest|little|big|baby|twin|half|step|best|close|oldest|dear|new|former"
    "|ex|late|beloved|two|three|four|lovely|sweet|adorable|precious|adopted|rescue|old|childhood|good|amazing"
    "|wonderful|beautiful|pet"
)
RELATION = rf"(?:(?:{_QUALIFIERS})[ -])*(?P<relation>{alternatives(RELATIONS)})"
"""Matches a relation with its qualifiers; ``relation`` is the noun."""
PLURALS = {f"{word}s": word for word in RELATIONS} | {
    "wives": "wife",
    "puppies": "puppy",
    "kitties": "kitten",
    "babies": "baby",
    "bunnies": "bunny",
    "ponies": "pony",
    "mice": "mouse",
    "children": "child",
    "fish": "fish",
    "guinea pigs": "guinea pig",
}


def kept_relation(phrase: str) -> str:
    """The relation as it is kept: "little sister" is a sister, "best friend" stays one; ex and late stay too."""
    *qualifiers, noun = phrase.lower().replace("guinea pig", "guinea_pig").split()
    noun = noun.replace("_", " ")
    lasting = [word for word in qualifiers if word in ("best", "ex", "half", "step", "late")]
    return " ".join([*lasting, RELATIONS.get(noun, PLURALS.get(noun, noun))])
