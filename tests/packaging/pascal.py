"""Inno Setup's Pascal, as far as it can be checked without its compiler.

Reads a script as the grammar has it. Each name must be the script's own or one of Inno Setup's
below, and be given as many arguments as it takes; types are not compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*)|(?P<text>'(?:[^'\n]|'')*'|#\d+)|(?P<number>\$[0-9A-Fa-f]+|\d+)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>:=|<=|>=|<>|[-+*/=<>()\[\];:,.])"
)
_WORDS = {
    "and", "begin", "const", "div", "do", "downto", "else", "end", "except", "finally", "for",
    "function", "if", "mod", "not", "or", "procedure", "repeat", "then", "to", "try", "until",
    "var", "while",
}  # fmt: skip
_TYPES = {"boolean", "integer", "string", "tarrayofstring", "tfilestream", "tuninstallstep"}
# From the reference of Inno Setup 6, with the number of arguments; 0 for constants, too.
_KNOWN = {
    "custommessage": 1, "deltree": 4, "direxists": 1, "exit": 0, "expandconstant": 1,
    "fileexists": 1, "fmopenreadwrite": 0, "fmshareexclusive": 0, "getarraylength": 1,
    "hkey_current_user": 0, "idcancel": 0, "idno": 0, "idretry": 0, "idyes": 0, "lowercase": 1,
    "mb_defbutton1": 0, "mb_retrycancel": 0, "mb_yesno": 0, "mbconfirmation": 0, "mberror": 0,
    "false": 0, "pos": 2, "regdeletevalue": 3, "reggetvaluenames": 3, "regquerystringvalue": 4,
    "suppressiblemsgbox": 4, "true": 0, "uninstallsilent": 0, "uspostuninstall": 0,
    "usuninstall": 0,
}  # fmt: skip
_MEMBERS = {"create": 2, "free": 0}
# What Inno Setup calls by itself, as it must be declared.
_EVENTS = {
    "initializeuninstall": "function():boolean",
    "curuninstallstepchanged": "procedure(curuninstallstep:tuninstallstep)",
}


class Wrong(ValueError):  # noqa: N818  (of the script)
    """The script is not what the compiler would take."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    word: str  # Pascal does not tell case apart
    line: int


def tokens(code: str) -> list[Token]:
    """Cut a script into words and signs."""
    found, at = [], 0
    while at < len(code):
        match = _TOKEN.match(code, at)
        line = code.count("\n", 0, at) + 1
        if match is None:
            raise Wrong(f"line {line}: {code[at : at + 20]!r}")
        if match.lastgroup != "space":
            word = match[0].lower()
            found.append(Token("word" if word in _WORDS else str(match.lastgroup), word, line))
        at = match.end()
    return [*found, Token("end", "", code.count("\n") + 1)]


def check(code: str) -> set[str]:
    """Return the names of the script's routines; `Wrong` where the compiler would refuse it."""
    script = _Script(tokens(code))
    script.read()
    unused = script.routines - script.used - set(_EVENTS)
    if unused:
        raise Wrong(f"nobody calls {sorted(unused)}")
    return script.routines


@dataclass(slots=True)
class _Script:
    left: list[Token]
    known: dict[str, int] = field(default_factory=lambda: dict(_KNOWN))
    local: dict[str, int] = field(default_factory=dict)
    routines: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    # --- tokens

    def at(self, *words: str) -> bool:
        return self.left[0].kind in ("word", "sign") and self.left[0].word in words

    def take(self, *words: str) -> bool:
        """Go past one of these words, if it is what comes."""
        return self.at(*words) and bool(self.left.pop(0))

    def need(self, *words: str) -> None:
        if not self.take(*words):
            self.refuse(f"{' or '.join(words)} is missing before")

    def name(self) -> str:
        if self.left[0].kind != "name":
            self.refuse("a name is missing before")
        return self.left.pop(0).word

    def refuse(self, why: str) -> None:
        raise Wrong(f"line {self.left[0].line}: {why} {self.left[0].word!r}")

    # --- declarations

    def read(self) -> None:
        while self.left[0].kind != "end":
            if self.take("const"):
                while self.left[0].kind == "name":
                    self.known[self.name()] = 0
                    self.need("=")
                    self.expression()
                    self.need(";")
            else:
                self.routine()

    def routine(self) -> None:
        kind = "function" if self.at("function") else "procedure"
        self.need("procedure", "function")
        name, said = self.name(), []
        self.local = {"result": 0} if kind == "function" else {}
        if self.take("("):
            said.append(self.variables())
            while self.take(";"):
                said.append(self.variables())
            self.need(")")
        takes = sum(each.count(",") + 1 for each in said)
        declared = f"{kind}({';'.join(said)})"
        if kind == "function":
            self.need(":")
            declared += f":{self.type()}"
        self.need(";")
        if name in self.known or _EVENTS.get(name, declared) != declared:
            self.refuse(f"{name} cannot be {declared}, before")
        self.known[name] = takes
        self.routines.add(name)
        if self.take("var"):
            while not self.at("begin"):
                self.variables()
                self.need(";")
        self.block()
        self.need(";")

    def variables(self) -> str:
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        self.need(":")
        self.local |= dict.fromkeys(names, 0)
        return f"{','.join(names)}:{self.type()}"

    def type(self) -> str:
        name = self.name()
        if name not in _TYPES:
            self.refuse(f"there is no type {name}, before")
        return name

    # --- statements

    def block(self) -> None:
        self.need("begin")
        self.statements()
        self.need("end")

    def statements(self) -> None:
        while True:
            if not self.at(";", "end", "except", "finally", "until"):
                self.statement()
            if not self.take(";"):
                return

    def statement(self) -> None:
        if self.at("begin"):
            self.block()
        elif self.take("if"):
            self.expression()
            self.need("then")
            self.statement()
            if self.take("else"):
                self.statement()
        elif self.take("while"):
            self.expression()
            self.need("do")
            self.statement()
        elif self.take("for"):
            self.called()
            self.need(":=")
            self.expression()
            self.need("to", "downto")
            self.expression()
            self.need("do")
            self.statement()
        elif self.take("try"):
            self.statements()
            self.need("except", "finally")
            self.statements()
            self.need("end")
        elif self.take("repeat"):
            self.statements()
            self.need("until")
            self.expression()
        else:
            self.called()
            if self.take(":="):
                self.expression()

    # --- expressions

    def expression(self) -> None:
        self.sum()
        if self.take("=", "<>", "<", ">", "<=", ">="):
            self.sum()

    def sum(self) -> None:
        self.factor()
        while self.take("+", "-", "or", "*", "/", "div", "mod", "and"):
            self.factor()

    def factor(self) -> None:
        while self.take("not", "-"):
            pass
        if self.take("("):
            self.expression()
            self.need(")")
        elif self.left[0].kind in ("text", "number"):
            self.left.pop(0)
        else:
            self.called()

    def called(self) -> None:
        """Read a variable, a constant or a call, and what hangs on it."""
        name = self.name()
        self.used.add(name)
        takes = {**self.known, **self.local}.get(name, 0 if name in _TYPES else None)
        if takes is None:
            self.refuse(f"{name} is unknown, before")
        self.arguments(name, takes)
        while self.at("[", "."):
            if self.take("["):
                self.expression()
                self.need("]")
            else:
                self.need(".")
                member = self.name()
                self.arguments(member, _MEMBERS.get(member))

    def arguments(self, name: str, takes: int | None) -> None:
        given = 0
        if self.take("("):
            while not self.at(")"):
                self.expression()
                given += 1
                if not self.take(","):
                    break
            self.need(")")
        if given != takes:
            self.refuse(f"{name} takes {takes} arguments, not {given}, before")
