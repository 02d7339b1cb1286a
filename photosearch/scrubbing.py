"""Taking the names of files, folders and users out of what is to be shown to others.

Made for log lines and tracebacks, whose form is known: what has another form is left out. So is
the rest of a sentence behind the beginning of a path, because nobody can tell where a path ends,
what stands in quotes, and every sentence in which something ends as names of files and hosts do.
Paths of the program's own code and folders are short names instead. Too much may go, never too
little.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PATH = "‹path›"
LEFT_OUT = "‹left out: it names a file›"
USER = "‹user›"
_OTHER_LINE = "‹left out›"

_RECORD = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w-]+ [\w.]+: )(.*)")
_FRAME = re.compile(r'(  File )"(.*)"(, line \d+,? in [\w.<>]+)')
_HEADINGS = re.compile(
    r"Traceback \(most recent call last\):"
    r"|During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
    r"|(Current thread|Thread) 0x[0-9a-f]+ (\[[\w -]*\] )?\(most recent call first\):"
    r"|  <no Python frame>|  \.\.\.|  \[Previous line repeated \d+ more times\]"
    r"|Fatal Python error: [\w ]+|Windows fatal exception: [\w ]+"
    r"|Extension modules: [\w., ]+ \(total: \d+\)|"
)
_EXCEPTION = re.compile(r"([A-Za-z_][\w.]*)(: (.*))?")
# Beginnings of paths of every kind: slashes, encoded ones as well, drives, a home.
_PATH = re.compile(
    r"\b[A-Za-z]:(?=\S)|[/\\]|%(?:25)*(?:2f|5c)|&#(?:0*47|0*92|x0*2f|x0*5c)\b|&b?sol;|~",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\.\w")  # of a file's name, whatever its kind, or a host's
_HARMLESS = (
    r"https?://huggingface\.co(?![\w.:@-])"
    r"|\b(?:photos/s|images/s|and/or|n/a)\b"
    r"|\bphotosearch(?:\.[a-z_]+){2,}\b"  # a module
    r"|(?<![^\s(=:,])\d+(?:\.\d+)+ ?(?:m?s|[kMG]B)?(?!\.?\w)"  # a number or a version
    r"|No module named '[\w.]+'"
)
# What is quoted is a name of the user's, unless it can be nothing but one of the program's.
_QUOTED = re.compile(r"(?:(?<!\w)[bru]?['‘`]|\b[bru]\"|[\"“„«])(?:.*['\"`‘’“”»](?!\w)|.*)")
_QUOTE = re.compile(r"(?<!\w)['‘’`]|['‘’`](?!\w)|[\"“”„«»]")
_KNOWN_QUOTED = (
    r"has no attribute '\w+'|argument:? '\w+'|'\w+' object|name '\w+' is not defined"
    r"|No module named '[\w.]+'|['\"“‘]‹path›$"
    r"|'(?:NoneType|str|bytes|int|float|bool|list|tuple|dict|set)'"
)
_DROPPED = "'…'"
_INSIDE_A_WORD = re.compile(r"[^\s'\"“(=\[:,;<]$")
_BELOW = r"(?:[/\\][\w.@+-]+)*(?=[\s'\":,;)\]”]|\.?$)"  # the rest of a path, up to its end
_LEAST_PARTS = 3  # a root with fewer names might hold anything
_LEAST_NAME = 3  # letters of a user's name that are not part of any word


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Knows what may stay: `code` and `own` are folders by the short names they get."""

    code: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()  # of the user and the machine
    words: tuple[str, ...] = ()  # of the program that look like names, as settings do

    @classmethod
    def of_this_machine(cls, own: Mapping[str, str], words: tuple[str, ...] = ()) -> Scrubber:
        """Return one that knows this program's code, its folders, its user and machine."""
        package = Path(__file__).resolve().parent
        places = sysconfig.get_paths()
        code = {
            places["stdlib"]: "python",
            places["platlib"]: "packages",
            places["purelib"]: "packages",
            str(package): package.name,
        }
        return cls(code, own, _own_names(), words)

    def scrubbed(self, text: str) -> str:
        """Return a log or a traceback without names of files."""
        lines: list[str] = []
        before = ""  # the kind of the line before
        for line in text.splitlines():
            kind, said = self._line(line, before)
            if said != _OTHER_LINE or lines[-1:] != [_OTHER_LINE]:  # one for all that is left out
                lines.append(said)
            before = kind
        return "\n".join(lines)

    def sentence(self, text: str) -> str:
        """Return one message without names of files."""
        words = " ".join(text.splitlines())
        said: list[str] = []
        at = 0
        for safe in (*self._safe().finditer(words), None):
            part = words[at : safe.start() if safe else len(words)]
            begin = _PATH.search(part)
            head = part[: begin.start()] if begin else part
            if _ENDING.search(head) or (begin and _INSIDE_A_WORD.search(head)):
                return LEFT_OUT  # nobody can tell where the name begins
            said.append(head)
            if begin:
                said.append(PATH)
                break
            if safe:
                said.append(self._short(safe[0]))
                at = safe.end()
        return self._without_names(self._without_quoted("".join(said)))

    def _line(self, line: str, before: str) -> tuple[str, str]:
        """Return the kind of a line and what may be shown of it."""
        if record := _RECORD.fullmatch(line):
            return "record", record[1] + self.sentence(record[2])
        if frame := _FRAME.fullmatch(line):
            place = self._code_place(frame[2])
            kind = "frame" if place else "strange frame"
            return kind, f'{frame[1]}"{place or PATH}"{frame[3]}'
        return self._line_after(line, before)

    def _line_after(self, line: str, before: str) -> tuple[str, str]:
        """Return the same of a line that means something only behind others."""
        if before in ("frame", "code") and line.startswith("    "):
            return "code", line  # of a program's source, not of a user
        if before in ("strange frame", "strange code") and line.startswith("    "):
            return "strange code", _OTHER_LINE
        if _HEADINGS.fullmatch(line):
            return "heading", line
        exception = _EXCEPTION.fullmatch(line)
        if exception and before in ("heading", "frame", "code", "strange frame", "strange code"):
            said = f": {self.sentence(exception[3])}" if exception[3] else ""
            return "exception", exception[1] + said
        return "other", _OTHER_LINE

    def _code_place(self, path: str) -> str:
        """Return a short name for a file of code; empty for any other file."""
        if path.startswith("<") and path.endswith(">") and not set("/\\") & set(path):
            return path
        for folder, name in sorted(self.code.items(), key=lambda each: -len(each[0])):
            if path.startswith(folder.rstrip("/\\") + os.sep):
                return name + path[len(folder.rstrip("/\\")) :].replace("\\", "/")
        return ""

    def _safe(self) -> re.Pattern[str]:
        """Return what may stay in a sentence."""
        roots = sorted(
            (
                re.escape(folder.rstrip("/\\"))
                for folder in (*self.own, *self.code)
                if len(Path(folder).parts) >= _LEAST_PARTS
            ),
            key=len,
            reverse=True,
        )
        inside = rf"(?<![\w/\\.-])(?:{'|'.join(roots)}){_BELOW}"
        words = [rf"\b{re.escape(word)}\b(?!\.?\w)" for word in self.words]
        return re.compile(
            "|".join([*([inside] if roots else []), *words, _HARMLESS]), re.IGNORECASE
        )

    def _short(self, path: str) -> str:
        known = sorted((*self.own.items(), *self.code.items()), key=lambda each: -len(each[0]))
        for folder, name in known:
            root = folder.rstrip("/\\")
            if path == root or path.startswith((root + "/", root + "\\")):
                return name + path[len(root) :]
        return path

    def _without_quoted(self, text: str) -> str:
        """Return a sentence without what is in quotes, all of it if any of it may be a name."""
        short = "|".join(map(re.escape, {*self.own.values(), *self.code.values()}))
        words = "|".join(map(re.escape, self.words))
        known = [_KNOWN_QUOTED]
        known += [rf"['\"“](?:{short})(?:[/\\][\w.@+-]+)*['\"”]"] if short else []
        known += [rf"['\"“](?:{words})['\"”]"] if words else []
        unknown = re.sub("|".join(known), "", text)
        return _QUOTED.sub(_DROPPED, text, count=1) if _QUOTE.search(unknown) else text

    def _without_names(self, text: str) -> str:
        for name in self.names:
            if len(name) >= _LEAST_NAME:
                text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", USER, text, flags=re.IGNORECASE)
        return text


def _own_names() -> tuple[str, ...]:
    """Return how the user and the machine are called."""
    names = {socket.gethostname()}
    with suppress(OSError, KeyError, ImportError, RuntimeError):  # a user without an entry
        names |= {Path.home().name, getpass.getuser()}
    return tuple(sorted(name for name in names if name))
