"""Words for relations: which mean the same, and which only a parent or elder can be called."""

from __future__ import annotations

from unsaid.people import lexicon

_SAME = {
    word: kind
    for kind, words in {
        "father": "papa dad daddy pa da pop pops",
        "mother": "mamma mama maman mom mommy mum mummy ma",
        "grandfather": "grandpa grandpapa granddad grandad granddaddy",
        "grandmother": "grandma grandmamma grandmama granny gran nana",
        "aunt": "auntie aunty",
        "husband": "hubby",
        "wife": "wifey",
    }.items()
    for word in words.split()
}
ELDERS = frozenset("father mother grandfather grandmother aunt uncle".split())
"""Relations, by their plain words, that no child is; a family uses them like names ("Mother came in")."""


def plain(word: str) -> str:
    """The plain word for a relation: "father" for "papa"."""
    return _SAME.get(word, word)


def is_kin(word: str) -> bool:
    """Whether the word says what someone is to someone else."""
    noun = lexicon.person_nouns().get(word)
    return noun is not None and noun.sort == "kin"
