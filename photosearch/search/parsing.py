"""From a search text to who must be on the photos, and which words are left.

A known name means that person; `person:`, `-person:` and `only:` say so outright, and what
stands in quotes is nothing but words. A slip is a notice, never an exception; where somebody is
asked for outright who is not known, or may be several, nothing is found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from photosearch.names import fold
from photosearch.search.names import Name, Names, Word, words_of
from photosearch.types import Mention, Query, Role

QUOTES = '"“”„‟«»'  # any of them opens, any of them closes
_OPERATOR = re.compile(r"(?P<minus>[-−–]?)(?P<form>person|only):[ \t]*", re.IGNORECASE)
_BEFORE = "([{,;/&+'‘"
_AFTER = re.compile(r"(?=$|[\s,;/&+)\]}]|[.:!?…]+(?:\s|$))")
_POSSESSIVE = re.compile(r"['’](?:s(?!\w))?", re.IGNORECASE)
_WITHIN_NAME = re.compile(r"[\s.'’-]+")
_LEADING = re.compile(r"(?:[\s,;&+.]+|(?:and|with)(?!\w))+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:[\s,;&+]+|(?<!\w)(?:and|with|of)(?!\w))+$", re.IGNORECASE)
_WITHOUT = re.compile(r"(?<!\w)without\s+$", re.IGNORECASE)
_ANY_PHOTO = re.compile(r"(?:(?:all|the|my)\s+)?(?:photo|picture|image)s?", re.IGNORECASE)
_LISTED = 3  # people named in a notice
_OPEN_QUOTE = "A quote is not closed: everything after it is taken as words."


def parse(text: str, names: Names) -> Query:
    """Take a search text apart; `names` are the people it may mean."""
    parser = _Parser(text, names, words_of(text))
    parser.take_apart()
    mentions = tuple(part for part in parser.parts if isinstance(part, Mention))
    notices = tuple(dict.fromkeys(parser.notices))
    return Query(text, _rest(parser.parts), mentions, notices, tuple(parser.unknown))


def quote(text: str) -> str:
    """Return `text` in quotes: one value after `person:`, plain words elsewhere."""
    return '"' + re.sub(rf"([\\{QUOTES}])", r"\\\1", text) + '"'


def as_text(query: Query) -> str:
    """Return a text that means the same as `query`, with everything said outright."""
    forms = {Role.WITH: "person:", Role.WITHOUT: "-person:", Role.ONLY: "only:"}
    said = [forms[mention.role] + quote(mention.name) for mention in query.mentions]
    said += [forms[Role.WITH] + quote(name) for name in query.unknown]
    return " ".join([*said, *([quote(query.words)] if query.words else [])])


def as_words(query: Query, mention: Mention) -> str:
    """Return the text of `query` in which one mention is no person any more but plain words."""
    name = mention.name if mention.written else query.text[mention.start : mention.end]
    return query.text[: mention.start] + quote(name) + query.text[mention.end :]


@dataclass(frozen=True, slots=True)
class _Words:
    """A part of the text that means nobody; `quoted`: kept to the letter."""

    text: str
    quoted: bool = False


@dataclass(slots=True)
class _Parser:
    """Goes through a text from left to right and collects its parts."""

    text: str
    names: Names
    words: list[Word]
    parts: list[_Words | Mention] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    _plain: int = 0  # where the words begin that are not yet a part

    def take_apart(self) -> None:
        at, next_word = 0, 0
        while at < len(self.text):
            while next_word < len(self.words) and self.words[next_word].start < at:
                next_word += 1
            at = self._special(at) or self._bare(at, next_word) or at + 1
        self._words_until(len(self.text))

    def _may_begin(self, at: int) -> bool:
        return at == 0 or self.text[at - 1].isspace() or self.text[at - 1] in _BEFORE

    def _words_until(self, end: int) -> None:
        if end > self._plain:
            self.parts.append(_Words(self.text[self._plain : end]))

    def _add(self, start: int, end: int, part: _Words | Mention) -> int:
        self._words_until(start)
        self.parts.append(part)
        self._plain = end
        return end

    # --- what is written outright ---

    def _special(self, at: int) -> int | None:
        """Take a quote or an operator that begins here; return where it ends."""
        if not self._may_begin(at):
            return None
        if self.text[at] in QUOTES:
            end, value = self._quoted(at)
            return self._add(at, end, _Words(value, quoted=True))
        operator = _OPERATOR.match(self.text, at)
        if operator is None or (operator["minus"] and operator["form"].lower() == "only"):
            return None
        end, value = self._value(operator.end())
        role = Role.ONLY if operator["form"].lower() == "only" else Role.WITH
        role = Role.WITHOUT if operator["minus"] else role
        if not value.strip():
            self.notices.append(f"Say who after “{operator[0].strip()}”.")
            return self._add(at, end, _Words(""))
        found = self.names.written(value)
        if len(found) == 1:
            mention = Mention(at, end, found[0].person, found[0].name, role, written=True)
            return self._add(at, end, mention)
        self.notices.append(_which(value, found) if found else _nobody(value, self.names))
        if role is not Role.WITHOUT:
            self.unknown.append(value)
        return self._add(at, end, _Words(""))

    def _quoted(self, at: int) -> tuple[int, str]:
        """Return where a quote that opens here ends, and what stands in it."""
        value = ""
        at += 1
        while at < len(self.text):
            character, following = self.text[at], self.text[at + 1 : at + 2]
            if character in QUOTES:
                return at + 1, value
            if character == "\\" and following and following in QUOTES + "\\":
                character = following
                at += 1
            value += character
            at += 1
        self.notices.append(_OPEN_QUOTE)
        return at, value

    def _value(self, at: int) -> tuple[int, str]:
        """Return the end and the text of an operator's value: quoted, a known name, or a word."""
        if at < len(self.text) and self.text[at] in QUOTES:
            return self._quoted(at)
        first = next((i for i, word in enumerate(self.words) if word.start == at), None)
        if first is not None:
            for count in range(self._longest(first), 1, -1):
                end = self._end(first, count)
                if end is not None and self.names.is_full(self.text[at:end]):
                    return end, self.text[at:end]
        end = at
        while end < len(self.text) and not (self.text[end].isspace() or self.text[end] in ",;"):
            end += 1
        return end, self.text[at:end]

    # --- names that stand in the text ---

    def _bare(self, at: int, first: int) -> int | None:
        """Take the longest name that begins here; return where it ends."""
        if first == len(self.words) or self.words[first].start != at or not self._may_begin(at):
            return None
        for count in range(self._longest(first), 0, -1):
            end = self._end(first, count)
            whole = self._boundary(end) if end is not None else None
            if end is None or whole is None:
                continue
            key = tuple(word.folded for word in self.words[first : first + count])
            found = self.names.bare(key, self.text[at:end])
            if len(found) > 1:
                self.notices.append(_which(self.text[at:end], found))
                return end
            if found:
                return self._mention(at, whole, found[0])
        return None

    def _mention(self, at: int, end: int, name: Name) -> int:
        before = self.text[self._plain : at]
        role = Role.WITH
        if without := _WITHOUT.search(before):
            at, role = self._plain + without.start(), Role.WITHOUT
        elif self.parts and isinstance(last := self.parts[-1], Mention):
            joined = not last.written and _LEADING.fullmatch(before)
            role = last.role if joined else role  # "without Anna and Ben"
        return self._add(at, end, Mention(at, end, name.person, name.name, role))

    def _longest(self, first: int) -> int:
        return min(self.names.longest(self.words[first].folded), len(self.words) - first)

    def _end(self, first: int, count: int) -> int | None:
        """Return where a run of words ends; None when more than a blank or so parts them."""
        run = self.words[first : first + count]
        for one, other in pairwise(run):
            if not _WITHIN_NAME.fullmatch(self.text, one.end, other.start):
                return None
        return run[-1].end

    def _boundary(self, end: int) -> int | None:
        """Return where a name that ends here ends with its “'s”; None when a word goes on."""
        possessive = _POSSESSIVE.match(self.text, end)
        for candidate in (possessive.end(), end) if possessive else (end,):
            if _AFTER.match(self.text, candidate):
                return candidate
        return None


def _rest(parts: Sequence[_Words | Mention]) -> str:
    """Return the words that are left; those that only joined people to the rest drop out."""
    kept: list[_Words] = []
    named = any(isinstance(part, Mention) for part in parts)
    for at, part in enumerate(parts):
        if isinstance(part, Mention):
            continue
        text = part.text
        if not part.quoted:
            if at and isinstance(parts[at - 1], Mention):
                leading = _LEADING.match(text)
                text = text[leading.end() :] if leading else text
            if at + 1 < len(parts) and isinstance(parts[at + 1], Mention):
                text = _TRAILING.sub("", text)
            if named and not any(character.isalnum() for character in text):
                continue
        if text := " ".join(text.split()):
            kept.append(replace(part, text=text))
    if named and len(kept) == 1 and not kept[0].quoted and _ANY_PHOTO.fullmatch(kept[0].text):
        return ""  # "photos of Anna"
    return " ".join(part.text for part in kept)


def _which(text: str, found: Sequence[Name]) -> str:
    listed = [f"“{name.name}”" for name in found[:_LISTED]]
    more = len(found) - len(listed)
    others = [f"{more} others" if more > 1 else f"“{found[_LISTED].name}”"] if more else []
    *some, last = [*listed, *others]
    return f"“{text}” may be {', '.join(some)} or {last}: write the whole name to mean one of them."


def _nobody(text: str, names: Names) -> str:
    known = {fold(name.name): name.name for name in names.all if name.open}
    near = difflib.get_close_matches(fold(text), known, 1)
    meant = f" Did you mean “{known[near[0]]}”?" if near else ""
    return f"There is nobody named “{text}”.{meant}"
