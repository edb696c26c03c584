"""What single paragraphs tell of "I" without any name: whose husband, elder or younger, man or woman, loving whom."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.prose.layer import Paragraph

_FEELING = frozenset("love loved miss missed kiss kissed need needed adore adored want wanted marry married".split())
_ELDER = frozenset("older elder big oldest eldest".split())
_YOUNGER = frozenset("younger little baby youngest kid".split())
_SIBLING = frozenset("brother sister sibling twin".split())
_WIFE = frozenset("wife girlfriend fiancée fiancee".split())
_HUSBAND = frozenset("husband boyfriend fiancé fiance".split())
_SPOUSE = {**dict.fromkeys(_WIFE, "wife"), **dict.fromkeys(_HUSBAND, "husband")}
_WORN = {
    **dict.fromkeys(
        "skirt skirts petticoat bra bodice lipstick mascara heels handbag bonnet womb corset".split(), "she"
    ),
    **dict.fromkeys("moustache mustache beard whiskers waistcoat necktie razor sideburns stubble".split(), "he"),
}
_STYLE = {
    **dict.fromkeys("sir mister monsieur fellow lad".split(), "he"),
    **dict.fromkeys("madam ma'am miss madame mademoiselle missy lady".split(), "she"),
}
_ASIDE = frozenset({",", "young", "my", "old", "dear", "yes", "no"})


class Signs(msgspec.Struct, frozen=True):
    """Signs by the index of the paragraph that holds them; the last one counts where there are several.

    :ivar loved: whom "I" love: "him" or "her".
    :ivar rank: "elder" or "younger", of a brother or sister of "mine".
    :ivar spouse: "husband" or "wife", of "mine".
    :ivar sex: "he" or "she", as "I" am addressed or dressed.
    :ivar others: who is spoken of by a pronoun: "he" or "she" with the character, or None where it is not known;
        in conversation too, since those who talk to "I" most often ask about the other one.
    """

    loved: Mapping[int, str]
    rank: Mapping[int, str]
    spouse: Mapping[int, str]
    sex: Mapping[int, str]
    others: Mapping[int, frozenset[tuple[str, str | None]]]


def read_signs(prose: Prose, cast: Cast, told: Sequence[int]) -> Signs:
    """Read the signs of the paragraphs ``told`` in the first person; quotations count only for how "I" am addressed."""
    loved, rank, spouse, sex = dict[int, str](), dict[int, str](), dict[int, str](), dict[int, str]()
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    for paragraph in told:
        span = prose.paragraphs[paragraph]
        for index in range(span.first, span.last - 1):
            word, following = lower[index], lower[index + 1]
            if quoted[index]:
                if word in _ASIDE and following in _STYLE and not _i_speak(prose, span):
                    sex[paragraph] = _STYLE[following]
            elif word in _FEELING and following in {"him", "her"}:
                loved[paragraph] = following
            elif word == "my" and following in _SPOUSE:
                spouse[paragraph] = _SPOUSE[following]
            elif word in {"my", "your"} and following in _WORN:
                sex[paragraph] = _WORN[following]
            elif word in _ELDER | _YOUNGER and following in _SIBLING and index and lower[index - 1] == "my":
                rank[paragraph] = "elder" if word in _ELDER else "younger"
    return Signs(loved, rank, spouse, sex, _others(prose, cast))


def _i_speak(prose: Prose, span: Paragraph) -> bool:
    """Whether the narration of a paragraph says "I", who may be the one to say "sir" then."""
    lower, quoted = prose.tokens.lower, prose.tokens.quoted
    return any(lower[t] == "i" and not quoted[t] for t in range(span.first, span.last))


def _others(prose: Prose, cast: Cast) -> Mapping[int, frozenset[tuple[str, str | None]]]:
    found: dict[int, set[tuple[str, str | None]]] = defaultdict(set)
    tokens = prose.tokens
    for mention in cast.mentions:
        if mention.kind != "pronoun":
            continue
        token = bisect_left(tokens.starts, mention.start)
        if token >= len(tokens):
            continue
        word = tokens.lower[token]
        sex = "he" if word in lexicon.MASCULINE else "she" if word in lexicon.FEMININE else None
        if sex is not None:
            found[prose.paragraph_at(mention.start)].add((sex, mention.character))
    return {paragraph: frozenset(seen) for paragraph, seen in found.items()}
