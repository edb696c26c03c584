"""What the planted sentences say. They are written as a novelist might put the matter, not as a rule would like it."""

from __future__ import annotations

EYES = {
    "blue": ("brown", "green", "black"),
    "brown": ("blue", "green"),
    "green": ("brown", "blue", "black"),
    "black": ("blue", "green"),
}
HAIR = {
    "black": ("red", "blond", "golden"),
    "red": ("black", "blond"),
    "blond": ("black", "red"),
    "brown": ("black", "blond", "red"),
}
TRAIT = {
    "eyes": (
        "{N}'s {v} eyes were fixed upon the window.",
        "{N} had {v} eyes, and they missed nothing.",
        "There was something of the sea in {N}'s eyes, which were {v} and very clear.",
        "{N} looked up. {His} {v} eyes were tired.",
        "{N}'s eyes were {v}.",
        "Nobody who had seen {N}'s {v} eyes forgot them.",
        "{N} turned away, but {his} {v} eyes had told enough.",
        "The light fell full upon {N}, upon {his} {v} eyes and {his} folded hands.",
        "{N}, with {his} {v} eyes half closed, said nothing.",
    ),
    "hair": (
        "{N}'s {v} hair was wet from the rain.",
        "{N} had {v} hair, which {he} wore rather long.",
        "The wind had got into {N}'s {v} hair.",
        "{N} stood bareheaded. {His} {v} hair shone in the lamplight.",
        "{N}'s hair was {v}, and there was a great deal of it.",
        "{N} pushed back {his} {v} hair and went on reading.",
    ),
}
RELATIVE = (
    "{N}'s {kin} {R} had written twice that week.",
    "A letter had come from {N}'s {kin}, {R}, but nobody had opened it.",
    "{N} thought of {his} {kin} {R}, and was silent for a while.",
    "{N} spoke of {his} {kin}, {R}, and of the old house.",
    "It was said that {N} was very like {his} {kin}, {R}.",
)
KIN = ("mother", "father")
RELATIVES = {
    "mother": ("Margaret", "Ellen", "Harriet", "Agnes", "Dorothy", "Matilda", "Rebecca"),
    "father": ("Edmund", "Walter", "Matthew", "Stephen", "Laurence", "Hugh", "Gilbert"),
}
DURATION = (
    ("{N}'s {kin} had died {a} years before.", "It was {b} years since {N}'s {kin} had died."),
    ("{N}'s {kin} died {a} years ago.", "{N}'s {kin} had been dead {b} years."),
    ("It was {a} years since {N} had married.", "{N} had been married {b} years."),
    ("{N} had married {a} years ago.", "It was {b} years since {N}'s marriage."),
    ("{N}'s {kin} had died {a} years before.", "{N} sighed. {His} {kin} had died {b} years ago."),
    ("{N}'s {kin} had been dead for {a} years.", "Since the death of {N}'s {kin}, {b} years ago, much had changed."),
)
AGE = (
    ("{N} was {a} years old.", "{N}, who was {b}, did not seem to hear."),
    ("{N} had just turned {a}.", "{N} was {b}."),
    ("{N}, aged {a}, knew all about it.", "{N} was {b} that year."),
    ("At that time {N} was {a}.", "{N} was {b} years of age."),
    ("{N} was a young person of {a}.", "{N} was {b} years old."),
)
DATED = (
    "It was {day}, the {n} of {month}, {year}.",
    "The letter was dated {day}, {month} {d}, {year}.",
    "This was on {day}, the {n} {month}, {year}, and nobody had forgotten it.",
    "On {day}, {month} {d}, {year}, the bells had been rung.",
)
NEXT_DAY = (
    ("It was a {one}.", "The next day, a {two}, it rained."),
    ("It was {one}, and the shops were shut.", "The following day was {two}."),
    ("That day was a {one}.", "The next morning, which was a {two}, broke cold and clear."),
    ("Today was {one}.", "Tomorrow was {two}, and there was much to do."),
)
DEATH = (
    "{N} died before the morning.",
    "In the night {N} died.",
    "{N} was dead.",
    "That was the day on which {N} was killed.",
    "They found {N} dead on the road.",
    "{N} had died in {his} sleep.",
    "They buried {N} on the hill.",
    "By the end of the week {N} was dead and buried.",
)
PLACES = ("kitchen", "garden", "church", "stable", "library", "parlour", "orchard")
STAY = ("{N} was in the {p}.", "{N} sat in the {p}, and did not stir.", "{N} waited in the {p}.")
MEANWHILE = (
    "Meanwhile {N} stood in the {q}.",
    "At the same moment {N} was in the {q}, with {his} back to the wall.",
    "{N}, meanwhile, was in the {q}.",
    "At that very hour {N} sat in the {q}.",
)
TIME_PASSES = r"\b(?:next|later|morning|evening|night|days?|weeks?|months?|years?|after|came back|returned|time)\b"
LEAVES = (
    "{N} left the house.",
    "{N} took {his} hat and went away.",
    "{N} went out without another word.",
    "With that {N} walked off down the road.",
    "{N} got up and left.",
)
LINE = (
    "{o}I do not see it in that light,{c} said {N}.",
    "{o}Shut the door,{c} {N} said.",
    "{o}We had better be going,{c} said {N}, and rose.",
    "{N} shook {his} head. {o}It is of no use,{c} {he} said.",
    "{o}And what then?{c} asked {N}.",
)
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
