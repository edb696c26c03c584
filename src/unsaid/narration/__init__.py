"""Narration: who tells the story, in which person and tense, and its scenes."""

from __future__ import annotations

from unsaid.narration.chats import BUZZ, PHONE, TEXTING, Message, informal, is_emphatic, messages
from unsaid.narration.clues import is_taken_up
from unsaid.narration.layer import Stretch, Telling
from unsaid.narration.letters import Block, letter_blocks
from unsaid.narration.profile import Profile, profiles, tense_reader
from unsaid.narration.second import as_first
from unsaid.narration.stage import stage
from unsaid.narration.tell import NARRATOR, name_words, tell

__all__ = [
    "BUZZ",
    "NARRATOR",
    "PHONE",
    "TEXTING",
    "Block",
    "Message",
    "Profile",
    "Stretch",
    "Telling",
    "as_first",
    "informal",
    "is_emphatic",
    "is_taken_up",
    "letter_blocks",
    "messages",
    "name_words",
    "profiles",
    "stage",
    "tell",
    "tense_reader",
]
