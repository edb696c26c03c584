"""How likely a pronoun means someone: the factors, and what each weighs.

After Lappin and Leass (1994), "An algorithm for pronominal anaphora resolution": agreement and the same-clause
constraint come first, then salience factors are added up: nearness, grammatical role, how much someone has been
mentioned of late and in the whole scene, and how much of the story they are in.
"""

from __future__ import annotations

from math import log
from operator import mul

import msgspec

SUBJECT = 0.85
"""A mention with this weight or more is a subject."""
# What is left in mind of anybody who has been mentioned.
_LEAST = 0.02
_ACROSS = 0.35
FAR = 9
"""Sentences after which someone is no nearer than someone who was never mentioned."""
# How much of what was mentioned remains in mind after one sentence more.
_FADE = 0.6


# What each factor of :func:`features` weighs in the narrative and in speech, in log odds. Fitted to the samples of
# LitBank (Bamman et al. 2020) and to twelve novels of PDNC, neither of which measures them any more.
_WEIGHTS = (
    (-0.96, -0.77),  # their gender is not known to agree
    (-0.61, -1.78),  # they have no name
    (0.7, 0.01),  # their share of the scene's names
    (-0.39, 0.36),  # their share of the story's names
    (-6, -1.68),  # they were not mentioned of late
    (-0.03, -0.12),  # sentences since the last mention
    (1.06, 0.22),  # mentioned in this very sentence
    (-0.21, -0.17),  # last mentioned as a subject
    (-0.05, 0.29),  # log of the greatest mention in speech, faded
    (1.1, -0.42),  # log of the greatest mention of all, faded
    (0.14, 0.16),  # log of all mentions, faded
    (-0.08, 0.33),  # log of the mentions in this scene
    (0.32, -0.17),  # log of the times they acted in it
    (-0.83, -0.81),  # last mentioned in another scene
    (-0.65, -0.63),  # last mentioned on the other side of a quotation mark
    (0.2, -0.44),  # last mentioned in this paragraph
    (0.5, 0.29),  # a subject asked for, a subject last mentioned
    (0.52, 0.03),  # a possessive asked for, mentioned in this clause
    (0.35, 0.25),  # … as its subject
    (0.1, 0.08),  # the last mentioned of all
    (-0.15, -0.16),  # last mentioned by a pronoun
    (0.0, -1.03),  # called by name in this speech
)
_IN_NARRATIVE, _IN_SPEECH = zip(*_WEIGHTS, strict=True)


class Presence(msgspec.Struct, gc=False):
    """How someone is in mind: where and how they were last mentioned, and how often.

    :ivar told: sentences of narrative up to the last mention; ``sentence``, ``clause`` and ``paragraph`` likewise.
    :ivar role: the weight of the last mention's grammatical role.
    :ivar spoken: the last mention stands inside a quotation.
    :ivar pronoun: the last mention is a pronoun.
    :ivar activity: the roles' weights of all mentions, faded by distance; ``seen`` the greatest one of the mentions in
        the narrative, faded likewise, ``heard`` of those inside quotations.
    :ivar times: mentions in this scene; ``acts`` those as a subject in its narrative.
    :ivar named: mentions by name in this scene, earlier and later; ``fame`` in the whole story.
    """

    told: int
    sentence: int
    clause: int
    paragraph: int
    role: float
    spoken: bool
    pronoun: bool
    activity: float
    seen: float
    heard: float
    times: int
    acts: int
    scene: int
    order: int
    called: bool


class Ask(msgspec.Struct, gc=False):
    """Where a pronoun stands that asks for someone, and its case."""

    told: int
    sentence: int
    clause: int
    paragraph: int
    case: str
    quoted: int
    scene: int
    order: int


def features(of: Presence | None, ask: Ask, doubt: float, named: bool, local: float, fame: float) -> tuple[float, ...]:
    """What speaks for and against someone as the one a pronoun means.

    :param doubt: 0 where their gender is known to agree, 1 where it is unknown, more where use speaks against it.
    :param named: whether they have a name.
    :param local: their share of the scene's names, 0 to 1, relative to the one named most; ``fame``: of the story's.
    """
    bare = (doubt, 0.0 if named else 1.0, local, fame)
    if of is None:
        return (*bare, 1.0, *(0.0,) * 17)
    distance = min(FAR, (ask.sentence - of.sentence) if ask.quoted else (ask.told - of.told))
    same = of.sentence == ask.sentence
    clause = same and of.clause == ask.clause
    here = of.scene == ask.scene
    subject = of.role >= SUBJECT
    activity = of.activity * _FADE**distance
    return (
        *bare,
        0.0,
        float(distance),
        1.0 if distance == 0 else 0.0,
        1.0 if subject else 0.0,
        log(_LEAST + of.heard * _FADE ** min(FAR, ask.sentence - of.sentence)),
        log(1e-6 + (max(of.seen, _ACROSS * of.heard) + 0.15 * of.activity) * _FADE ** min(FAR, ask.told - of.told)),
        log(_LEAST + activity),
        log(1 + of.times) if here else 0.0,
        log(1 + of.acts) if here else 0.0,
        0.0 if here else 1.0,
        1.0 if of.spoken != bool(ask.quoted) else 0.0,
        1.0 if of.paragraph == ask.paragraph else 0.0,
        1.0 if subject and ask.case == "subject" and distance <= 1 else 0.0,
        1.0 if clause and ask.case == "possessive" else 0.0,
        1.0 if clause and subject and ask.case == "possessive" else 0.0,
        1.0 if of.order == ask.order else 0.0,
        1.0 if of.pronoun else 0.0,
        1.0 if of.called and ask.quoted and of.paragraph == ask.paragraph else 0.0,
    )


def salience(of: Presence | None, ask: Ask, doubt: float, named: bool, local: float, fame: float) -> float:
    """How much speaks for someone as the one whom a pronoun means, in log odds; parameters as for :func:`features`."""
    total: float = sum(
        map(mul, features(of, ask, doubt, named, local, fame), _IN_SPEECH if ask.quoted else _IN_NARRATIVE)
    )
    return total


def faded(activity: float, sentences: int) -> float:
    """What is left of an activity after so many sentences."""
    return activity * _FADE**sentences
