"""People: who is in the story, under which names, and where each is mentioned."""

from unsaid.people import lexicon
from unsaid.people.amend import Amended, amend, call, directory
from unsaid.people.casing import with_capitals
from unsaid.people.certain import Certain
from unsaid.people.gather import Spotted, gather, resolve, spot
from unsaid.people.joining import join
from unsaid.people.layer import UNHEARD, Cast, Overheard
from unsaid.people.settle import settle
from unsaid.people.traits import looks

__all__ = [
    "UNHEARD",
    "Amended",
    "Cast",
    "Certain",
    "Overheard",
    "Spotted",
    "amend",
    "call",
    "directory",
    "gather",
    "join",
    "lexicon",
    "looks",
    "resolve",
    "settle",
    "spot",
    "with_capitals",
]
