"""Two names side by side that are not one: "to Madame Quesnel Emily was kind", "when she left Rose Ann sang"."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.people.forms import Form, company, pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people.names import Name
    from unsaid.prose import Prose

# A name as rare as this, made of two that are each used so often, the second a first name that is nobody's surname, and
# that share sentences apart from each other at least twice and this many times as often as they stand together, is no
# name. In the novels looked at seven are cut so, all of them rightly; with surnames "Georgiana Darcy" would be, too.
_RARE, _OFTEN, _TWICE, _TIMES = 2, 5, 2, 2


def part(names: Sequence[Name], prose: Prose) -> list[Name]:
    """The names with each of those cut in two; the others as they are, all in the order of the text."""
    count: Counter[Form] = Counter(n.form for n in names)
    rare = {f for f, n in count.items() if n <= _RARE and len(f[1]) > 1 and not f[2]}
    surnames = {parts[-1] for title, parts, _ in count if len(parts) > 1 and (title, parts, False) not in rare}
    surnames |= {parts[-1] for title, parts, _ in count if title in ("mr", "mrs")}
    halves = {f: cut for f in rare if f[1][-1] not in surnames and (cut := _cut(f, count))}
    if not halves:
        return list(names)
    together = company(names, prose)
    apart = {f: cut for f, cut in halves.items() if together[pair(*_two(f, cut))] >= max(_TWICE, _TIMES * count[f])}
    found: list[Name] = []
    for name in names:
        form = name.form
        found += _split(name, apart[form], prose) if form in apart else [name]
    return found


def _cut(form: Form, count: Counter[Form]) -> int:
    """After how many of its words a form may be cut in two frequent ones; 0 where nowhere."""
    cut = len(form[1]) - 1
    often = all(count[half] >= _OFTEN for half in _two(form, cut))
    return cut if often and form[1][-1] in lexicon.first_names() else 0


def _two(form: Form, cut: int) -> tuple[Form, Form]:
    return (form[0], form[1][:cut], False), ("", form[1][cut:], False)


def _split(name: Name, cut: int, prose: Prose) -> list[Name]:
    """The name as two; as it is where its words are not the text's (an honorific was taken off)."""
    tokens, at = prose.tokens, name.last
    for word in reversed(name.parts[cut:]):
        at -= 1
        if tokens.lower[at] != word:
            return [name]
    left = msgspec.structs.replace(name, end=tokens.ends[at - 1], last=at, parts=name.parts[:cut])
    right = msgspec.structs.replace(name, start=tokens.starts[at], first=at, title="", parts=name.parts[cut:])
    return [left, right]
