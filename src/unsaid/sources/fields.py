"""Header fields: the labels they go by, and their values brought into :class:`~unsaid.story.Metadata`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.story import MatterKind, Metadata

LABELS: dict[str, tuple[str, ...]] = {
    "title": ("title", "story title", "story", "fic title"),
    "author": ("author", "authors", "by", "written by", "penname", "pen name", "creator", "author name"),
    "rating": ("rating", "rated", "ratings"),
    "genres": ("genre", "genres"),
    "summary": ("summary", "description", "full summary", "blurb", "story summary", "summery"),
    "dedication": ("dedication", "dedications", "dedicated to", "dedicated", "for"),
    "fandoms": ("fandom", "fandoms", "anime", "universe", "crossover"),
    "relationships": (
        "pairing", "pairings", "relationship", "relationships", "ship", "ships", "couple", "couples", "main pairing",
        "pairing s", "relationship s",
    ),
    "characters": ("character", "characters", "cast", "main characters", "starring", "character s"),
    "tags": ("tag", "tags", "additional tags", "additional tag", "keywords", "erotica tags"),
    "warnings": (
        "warning", "warnings", "archive warning", "archive warnings", "content warning", "content warnings",
        "trigger warning", "trigger warnings", "tw", "cw", "warning s",
    ),
    "categories": ("category", "categories"),
    "language": ("language",),
    "published": ("published", "date", "posted", "release date", "date published", "written", "date posted"),
    "updated": ("updated", "last updated", "date updated", "most recently updated", "completed"),
    "status": ("status", "story status"),
    "series": ("series",),
    "publisher": ("publisher", "site", "website"),
    "source_url": ("source", "story url", "url", "link", "original url", "storyurl"),
    "disclaimer": ("disclaimer", "disclaimers", "disclamer", "standard disclaimer", "discliamer"),
    "notes": ("note", "notes", "beginning notes", "end notes", "story notes"),
    "words": ("words", "word count", "wordcount", "length", "total words"),
    "chapters": ("chapters", "chapter count"),
    "beta": ("beta", "betas", "beta reader", "betaed by", "beta d by", "beta by", "edited by", "editor"),
    "spoilers": ("spoilers", "spoiler"),
    "setting": ("setting", "timeline", "time line", "time frame", "timeframe", "set in", "continuity"),
    "prompt": ("prompt", "prompts", "challenge", "theme", "request", "requested by"),
    "archive": ("archive", "archived", "distribution", "feedback", "email", "e mail", "reviews", "review", "favs"),
    "soundtrack": ("music", "song", "soundtrack", "songs", "inspired by", "inspiration"),
    "format": ("type", "format", "style"),
    "stats": ("stats", "statistics", "hits", "kudos", "comments", "bookmarks", "follows", "favorites", "story id"),
    "pov": ("pov", "point of view"),
    "translator": ("translator", "translated by"),
    "collections": ("collections", "collection"),
    "packaged": ("packaged", "downloaded", "scraped"),
    "author_url": ("author url",),
    "contents": ("content", "contains"),
}  # fmt: skip
"""Header fields and the labels that authors, archives and tools set before them: lower case, no punctuation."""

FIELD_OF = {label: field for field, labels in LABELS.items() for label in labels}

LISTS = frozenset({"genres", "fandoms", "relationships", "characters", "tags", "warnings", "categories"})
_SINGLE = frozenset(
    {"title", "author", "rating", "summary", "dedication", "language", "published", "updated", "status", "series",
     "publisher", "source_url", "disclaimer"}
)  # fmt: skip

_KINDS: dict[str, MatterKind] = {
    "title": "title", "author": "byline", "summary": "summary", "dedication": "dedication", "notes": "note",
}  # fmt: skip


def matter_kind(field: str) -> MatterKind:
    """The kind of matter that a header field is."""
    return _KINDS.get(field, "header")


def field_of(label: str) -> str | None:
    """The field that ``label`` names in whatever case and punctuation, or None."""
    bare = re.sub(r"[\W_]+", " ", label.lower()).strip()
    return FIELD_OF.get(bare)


def tidy(value: str) -> str:
    """A value as it is kept: one line, typed emphasis and white space at its ends left out."""
    value = re.sub(r"\s+", " ", value).strip()
    pairs = re.match(r"([*_]{1,2})(?=\S)(.*\S)\1$", value)
    return pairs.group(2) if pairs else value


def enrich(metadata: Metadata, fields: Iterable[tuple[str, str]]) -> Metadata:
    """``metadata`` with ``(field, value)`` pairs taken in; what it already says is not overwritten."""
    values: dict[str, object] = {}
    other = dict(metadata.other)
    notes = list(metadata.notes)
    for field, raw in fields:
        value = tidy(raw)
        if not value:
            continue
        if field == "notes":
            notes.append(value)
        elif field in LISTS:
            if not getattr(metadata, field):
                old = values.get(field, ())
                new = tuple(v for v in split_list(field, value) if v not in old)  # type: ignore[operator]
                values[field] = (*old, *new)  # type: ignore[misc]
        elif field in _SINGLE:
            if getattr(metadata, field) is None:
                values.setdefault(field, _single(field, value))
        else:
            other.setdefault(field, value)
    if not (values.get("relationships") or metadata.relationships):
        found = _pairings_in(str(values.get("summary") or metadata.summary or ""))
        if found:
            values["relationships"] = found
    return msgspec.structs.replace(metadata, **values, notes=tuple(notes), other=other)


def _single(field: str, value: str) -> str:
    if field == "rating":
        value = re.sub(r"^(?:rated:?\s+)?(?:fiction\s+)?", "", value, flags=re.IGNORECASE) or value
        return value.rstrip(". ").strip() or value
    if field == "author":
        return re.sub(r"^by:?\s+", "", value, flags=re.IGNORECASE).rstrip(",").strip()
    return value


def split_list(field: str, value: str) -> tuple[str, ...]:
    """The items of a list field: genres at "/", ",", "&" and ";", relationships brought into the form "A/B"."""
    value = value.strip()
    if field == "genres":
        parts = re.split(r"\s*[/,&;|]\s*|\s+and\s+", re.sub(r"\bsci\s*-?\s*fi\b", "Sci-Fi", value.rstrip(". ")))
    elif field == "relationships":
        return tuple(p for part in re.split(r"\s*[,;|]\s*", value) if (p := pairing(part)))
    elif field == "categories" and re.fullmatch(r"[FMO]/[FMO]", value):
        return (value,)
    else:
        parts = re.split(r"\s*[,;|]\s*", value)
    return tuple(p.strip() for p in parts if p.strip())


def pairing(value: str) -> str:
    """A relationship in the form "A/B": from "A x B", "AxB", "AXB" (MarXTob), "A/B"; any other form as it is."""
    value = value.strip()
    joined = re.fullmatch(r"([A-Z][a-z]{1,20})[xX×]([A-Z][a-z]{1,20})", value)
    if joined:
        return f"{joined.group(1)}/{joined.group(2)}"
    parts = re.split(r"\s+[xX×]\s+|\s*/\s*", value)
    return "/".join(p.strip() for p in parts if p.strip())


def _pairings_in(summary: str) -> tuple[str, ...]:
    """Pairings that stand in a summary as one word, "MarXTob": a capital after the x tells them from other words."""
    return tuple(dict.fromkeys(pairing(m.group()) for m in re.finditer(r"\b[A-Z][a-z]+[xX][A-Z][a-z]+\b", summary)))


_FFN_START = re.compile(r"^\W*Rat(?:ed|ing):\s*(?:Fiction\s+)?(?P<rating>[KTM]\+?)\s+-\s", re.IGNORECASE)
_GENRES = frozenset(
    "adventure angst crime drama family fantasy friendship general horror humor hurt comfort mystery parody poetry"
    " romance sci-fi spiritual supernatural suspense tragedy western".split()
)


def archive_line(line: str) -> list[tuple[str, str]] | None:
    """FanFiction.net's line "Rated: K+ - English - Drama - Ann, Bob - Chapters: 1 - …" as fields, or None."""
    start = _FFN_START.match(line)
    if start is None:
        return None
    fields = [("rating", start.group("rating").upper())]
    parts = re.split(r"\s+-\s+", line[start.end() - 3 :].lstrip(" -"))
    for at, part in enumerate(p.strip() for p in parts):
        label, colon, value = part.partition(":")
        field = field_of(label) if colon else None
        if field is not None:
            fields.append((field, value.strip()))
        elif colon:
            fields.append((label.strip().lower(), value.strip()))
        elif at == 0:
            fields.append(("language", part))
        elif part.lower() == "complete":
            fields.append(("status", "Complete"))
        elif set(re.split("[/-]", part.lower().replace("sci-fi", "scifi"))) <= _GENRES | {"scifi"}:
            fields.append(("genres", part))
        elif part:
            fields += _ffn_characters(part)
    return fields


def _ffn_characters(part: str) -> list[tuple[str, str]]:
    """ "[Ann, Bob] Cid": a pairing stands in brackets."""
    fields = [("relationships", "/".join(re.split(r"\s*,\s*", m))) for m in re.findall(r"\[([^\]]+)\]", part)]
    names = re.sub(r"[\[\]]", ",", part)
    return [*fields, ("characters", ",".join(n.strip() for n in names.split(",") if n.strip()))]
