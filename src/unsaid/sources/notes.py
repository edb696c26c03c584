"""Author's notes: where one begins, how far it goes, and what speaks of the story instead of telling it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unsaid.story import Matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unsaid.sources.lines import Layout

LABEL = re.compile(
    r"[*_~\[({<\-–—=#|\s]{0,8}(?:"
    r"[AaTBE]\s?[/\\]\s?[Nn]\b|AN(?=\s?[:;.,~\-–—*_]|\s*$)"
    r"|(?:(?:beginning|end|ending|chapter|final|closing|opening|pre|post|quick|small|short|brief|important|another|an)\s)?"
    r"(?:author|authoress|writer|translator)['’]?s?['’]?\s?(?:end\s)?(?:notes?|rambl(?:ings?|es?)|comments?|corner)\b"
    r"|notes?\sfrom\s(?:the\s)?(?:author|authoress|me)\b"
    r"|(?:end|chapter\send|closing)\snotes?(?=\s?[:.\-–—*_]|\s*$)"
    r")",
    re.IGNORECASE,
)
_CASED = re.compile(r"[\W_]*AN\b|[\W_]*[AaTBE]\s?[/\\]\s?[Nn]\b|[\W_]*[A-Za-z]{3}")

_PARTED = re.compile(r"\s*(?:[:;.,!\-–—~*_)\]>=|#]|$)")

DISCLAIMER = re.compile(
    r"[\W_]{0,8}(?:standard\s)?(?:disclaimers?|disclamer|discliamer)\b|"
    r"[\W_]{0,6}I\s(?:do\s?n[o'’]t|don[’']?t|dont|do\snot|did\snot)\sown\s(?:[A-Z]\w+|any\s(?:of\s)?(?:the|these|those)|"
    r"the\s(?:characters|rights|series)|them\b|anything)",
    re.IGNORECASE,
)

# What only an author says to readers, in no story. One is enough at the end, where no label stands.
_CERTAIN = re.compile(
    r"\b(?:r\s?&\s?r|please\s(?:r(?:ead)?\s?(?:&|and)\s?)?review|(?:leave|drop)\s(?:me\s)?(?:a|some)\s(?:nice\s)?(?:review|kudos)|"
    r"(?:thanks?|thank\syou)\s(?:\w+\s){0,4}for\s(?:\w+\s){0,2}(?:reading|review\w*)|thanks?\s(?:\w+\s){0,3}for\ssticking|"
    r"(?:i\s)?hope\s(?:you|y['’]?all|u)\s(?:\w+\s){0,3}(?:enjoy(?:ed)?|liked)\s(?:this|it|the)|this\s(?:fic|fanfic\w*|one-?shot)\b|"
    r"my\s(?:\w+\s)?(?:fic|fanfic\w*|one-?shot|multi-?chapter\s\w+)\b|fan\s?fiction|constructive\scriticism|no\sflames|flames\s(?:are|will)|kudos|"
    r"beta\s?-?read\w*|reviews?\s(?:are|make|would\sbe)|(?:ao3|fanfiction\.net|ff\.?net|tumblr|wattpad|livejournal)\b)",
    re.IGNORECASE,
)
# What an author says to readers, and a story seldom. One is enough where a label stands before.
_STRONG = re.compile(
    r"\b(?:r\s?&\s?r|r\s?and\s?r|please\s(?:r(?:ead)?\s?(?:&|and)\s?)?review|(?:leave|drop)\s(?:me\s)?(?:a|some)\s?"
    r"(?:nice\s)?(?:review|comment|kudos)|thanks?(?:\syou)?\s(?:\w+\s){0,3}for\s(?:\w+\s){0,2}(?:reading|review\w*|the\sreviews?|kudos)|"
    r"hope\s(?:you|y['’]?all|u)\s(?:\w+\s){0,3}(?:enjoy\w*|like[ds]?)|(?:my|this)\s(?:first|second|third|new|latest)\s"
    r"(?:ever\s)?(?:fan\s?fic\w*|fic|one-?shot|story)|next\schapter|last\schapter|previous\schapter|this\s(?:chapter|fic|fanfic\w*|one-?shot)|"
    r"fan\s?fiction|fanfics?|constructive\scriticism|no\sflames|flames\s(?:are|will)|(?:do\s?n[o'’]?t|do\snot)\sown\s[A-Z]|"
    r"kudos|beta\s?-?read\w*|my\sbeta|un-?beta['’]?e?d|on\s(?:with|to)\sthe\s(?:story|fic|chapter|show)|reviews?\s(?:are|make|would|is)|"
    r"(?:write|writing|wrote)\s(?:a|the|this)\s(?:sequel|fic|story|chapter|one-?shot)|(?:a|the)\ssequel|review(?:s|ers|ed)\b|"
    r"(?:ao3|fanfiction\.net|ff\.?net|tumblr|wattpad|livejournal|patreon)\b)",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:enjoy|story|stories|chapters?|updat\w+|writ(?:e|ing|ten)|wrote|readers?|reviews?|you\sguys|everyone|sorry|idea|"
    r"canon|ooc|au|characters?|plot|sequel|one-?shot|drabble|comments?|feedback|prompt|fandom|anime|manga|episode|"
    r"let\sme\sknow|thank(?:s|\syou)|xoxo|love\sya|take\scare|until\snext\stime|see\sya|ja\sne|lol|haha|anyways?)\b|"
    r":\)|:D|\^_\^|<3|;\)|XD|=\)",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"[\"“”«]|^\W{0,3}[‘'][A-Z]|[,.!?…—-][’'](?!\w)|^\s*[—–―]\s?[A-Z]")
# Who tells a story speaks of others, who writes a note of herself and her readers.
_OF_OTHERS = re.compile(r"\b(?:s?he|him|his|hers?|they|them|their)\b", re.IGNORECASE)
_OF_US = re.compile(r"\b(?:i|i['’]?m|im|me|my|we|our|us|you|your|u|ur|y['’]?all)\b", re.IGNORECASE)
_OFTEN = 2

MOST_PARAGRAPHS = 40
"""The longest run of paragraphs taken for one author's note (answers to reviews are the longest that are met)."""

MOST_CLOSING = 12
"""The longest run of paragraphs at the end taken for a note without a label, its farewells included."""

LONGEST_BRACKET = 3000
"""The longest note in brackets, in characters."""

LONGEST_PARAGRAPH = 1500
"""A longer paragraph, in characters, is taken for story where nothing in it says otherwise."""


def is_label(head: str) -> bool:
    """Whether a line begins an author's note: "A/N:", "AN-", "Author's Note", "[A/N …", "End Notes:".

    The label alone is none: "A/N means nothing" can be a story's sentence. A mark parts it from the note, or a bracket
    holds both, or what follows can only be an author's.
    """
    label = LABEL.match(head)
    if label is None or not _CASED.match(head):
        return False
    rest = head[label.end() :]
    return bool(_PARTED.match(rest)) or head.lstrip("*_~ ")[0] in "[({<" or bool(_STRONG.search(rest))


_BRACKET = re.compile(
    r"[\[({](?=[\s*_]{0,3}(?:[AaTBE]\s?/\s?[Nn]\b|AN\s?[:;,.\-–—]|[Aa]uthor['’]?s?['’]?\s[Nn]otes?\b))"
)


def find_bracketed(text: str) -> Iterator[Matter]:
    """Notes in brackets, "(A/N: …)", inside a paragraph or around several; unclosed, one ends with its line."""
    at = 0
    for found in _BRACKET.finditer(text):
        if found.start() < at:
            continue
        end = _closing(text, found.start())
        at = end or found.start() + LONGEST_BRACKET
        if end is not None:
            yield Matter(found.start(), end, "note", "notes")


def _closing(text: str, start: int) -> int | None:
    """Where a bracket closes, else the end of its line; None where neither is near."""
    opener, closer = text[start], {"[": "]", "(": ")", "{": "}"}[text[start]]
    depth = 0
    for at in range(start, min(len(text), start + LONGEST_BRACKET)):
        if text[at] == opener:
            depth += 1
        elif text[at] == closer and text[at - 1] not in ":;=":  # ":)" is a smile
            depth -= 1
            if depth == 0:
                return at + 1
    end = text.find("\n", start, start + LONGEST_BRACKET)
    return start + len(text[start:end].rstrip()) if end >= 0 else None


def speaks_of_itself(text: str) -> bool:
    """Whether a paragraph speaks of the story instead of telling it: no speech in it, and an author's words."""
    if len(text) > 4000:
        return False
    if _STRONG.search(text):
        return not _SPOKEN.search(text) or len(_STRONG.findall(text)) > 1
    return not _SPOKEN.search(text) and len(_WEAK.findall(text)) * 40 >= len(text.split()) + 39


def certainly_note(text: str) -> bool:
    """Whether a paragraph without a label can only be an author's: readers, reviews, the fic itself are named."""
    return len(text) <= 4000 and bool(_CERTAIN.search(text)) and not _SPOKEN.search(text)


def may_sign(text: str) -> bool:
    """Whether a paragraph can stand under a closing note: a farewell, a name, a postscript."""
    return len(text) <= 80 and not _SPOKEN.search(text)


def _tells(text: str) -> bool:
    """Whether a paragraph can only be story: it speaks of others, and of nobody who writes or reads."""
    return len(_OF_OTHERS.findall(text)) >= _OFTEN and not _OF_US.search(text)


def note_end(layout: Layout, at: int, last: int, stops: Callable[[int], bool]) -> int:
    """The paragraph after the note that begins in paragraph ``at``.

    :param last: the paragraph after the last that is story or note.
    :param stops: whether a paragraph is something else (a break, a heading, the title, a header field).

    A note surely goes on while the paragraphs speak of the story. It also takes in the paragraphs up to a stop, a gap
    wider than usual, or the end of the text, if none of them holds speech or tells a story and they are few.
    """
    lines, paragraphs = layout.lines, layout.paragraphs
    sure = at + 1
    head = lines[paragraphs[at].start]
    label = LABEL.match(head.head)
    alone = label is not None and not re.search(r"\w", head.head[label.end() :]) and len(paragraphs[at]) == 1
    if alone and sure < last and not stops(sure):
        sure += 1
    speech = False
    for probe in range(at + 1, min(last, at + MOST_PARAGRAPHS + 1)):
        if stops(probe) or (lines[paragraphs[probe].start].gap > layout.gap and probe >= sure):
            return sure if speech else probe
        body = layout.body(probe)
        if speaks_of_itself(body) and not speech:
            sure = probe + 1
        speech = speech or bool(_SPOKEN.search(body)) or _tells(body) or len(body) > LONGEST_PARAGRAPH
    return last if not speech and last - at <= MOST_PARAGRAPHS + 1 else sure
