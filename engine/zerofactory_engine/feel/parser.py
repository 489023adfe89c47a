"""Text to tree: a precedence parser written by hand, one method a level of the grammar of DMN 1.5 §10.3.1.2.

From loose to tight: ``or``, ``and``, comparison (``in``, ``between``, ``instance of``), ``+ -``, ``* /``, ``**``,
unary ``-``, and what stands behind a value (``.name``, ``[…]``, ``(…)``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.names import BUILTIN_NAMES
from zerofactory_engine.feel.scanner import KEYWORDS, FeelSyntaxError, NameIndex, Scanner
from zerofactory_engine.feel.temporal import PROPERTIES, parse_temporal
from zerofactory_engine.feel.tree import MAX_DEPTH, MAX_NESTING, MAX_NODES, MAX_TEXT, Node, Span
from zerofactory_engine.problems import NOWHERE, Place, Problem

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_BUILTINS = NameIndex(BUILTIN_NAMES)
_AFTER_INTERVAL = frozenset(("and", "or", "then", "else", "return", "satisfies", "in", "between", "instance"))
_OPENERS = ("if", "for", "some", "every", "function")


def parse(text: str, names: Iterable[str] = (), place: Place = NOWHERE) -> Node:
    """The tree of *text*. *names* are those names in scope that hold several words; *place* is where the text begins.

    Raises:
        FeelSyntaxError: the text is no expression, or larger or deeper than is read.
    """
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError([Problem("feel.too-long", place, found=str(len(text)), accepted=str(MAX_TEXT))])
    return _Parser(text, names, place).whole()


class _Parser:
    def __init__(self, text: str, names: Iterable[str], place: Place) -> None:
        self.scan = Scanner(text, place)
        self.names = NameIndex(names)
        self.properties = NameIndex((*PROPERTIES, *names))
        self.nodes = 0
        self.depth = 0
        self.heights: dict[int, int] = {}     # id of a node → its height; the nodes live as long as the parser
        self.kept: list[Node] = []

    def whole(self) -> Node:
        node = self.expression()
        if self.scan.at < len(self.scan.text):
            raise self.scan.fail("feel.unexpected")
        return node

    # -- bookkeeping -----------------------------------------------------------------------------------------------

    def made(self, node: Node) -> Node:
        """Count a node and its height, so that nothing bigger is ever built."""
        self.nodes += 1
        height = 1 + max((self.heights.get(id(c), 0) for c in node.children()), default=0)
        if self.nodes > MAX_NODES:
            raise self.scan.fail("feel.too-many-nodes", node.span[0], str(self.nodes), str(MAX_NODES))
        if height > MAX_DEPTH:
            raise self.scan.fail("feel.too-deep", node.span[0], str(height), str(MAX_DEPTH))
        self.heights[id(node)] = height
        self.kept.append(node)
        return node

    def span(self, start: int) -> Span:
        line, column = self.scan.line_column(start)
        return Span(start, self.scan.end, line, column)

    # -- levels ----------------------------------------------------------------------------------------------------

    def expression(self) -> Node:
        self.deeper()
        node = self.disjunction()
        self.depth -= 1
        return node

    def deeper(self) -> None:
        """One more level of nesting."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.scan.fail("feel.too-deep", found=str(self.depth), accepted=str(MAX_NESTING))

    def disjunction(self) -> Node:
        start, node = self.scan.at, self.conjunction()
        while self.scan.keyword("or"):
            right = self.conjunction()
            node = self.made(tree.Logic("or", node, right, span=self.span(start)))
        return node

    def conjunction(self) -> Node:
        start, node = self.scan.at, self.comparison()
        while self.scan.keyword("and"):
            right = self.comparison()
            node = self.made(tree.Logic("and", node, right, span=self.span(start)))
        return node

    def comparison(self) -> Node:
        scan = self.scan
        start, node = scan.at, self.sum()
        while True:
            symbol = scan.symbol()
            if symbol in _COMPARISONS:
                scan.take(symbol)
                right = self.sum()
                node = tree.Compare(symbol, node, right, span=self.span(start))  # type: ignore[arg-type]
            elif scan.keyword("between"):
                low = self.sum()
                scan.need_keyword("and")
                high = self.sum()
                node = tree.Between(node, low, high, span=self.span(start))
            elif scan.keyword("in"):
                enclosed = scan.symbol() in ("(", "[", "]")
                node = tree.In(node, self.tests(), enclosed, span=self.span(start))
            elif scan.keyword("instance"):
                scan.need_keyword("of")
                node = tree.InstanceOf(node, self.type_name(), span=self.span(start))
            else:
                return node
            node = self.made(node)

    def sum(self) -> Node:
        start, node = self.scan.at, self.product()
        while (symbol := self.scan.symbol()) in ("+", "-"):
            self.scan.take(symbol)
            right = self.product()
            node = self.made(tree.Arithmetic(symbol, node, right, span=self.span(start)))  # type: ignore[arg-type]
        return node

    def product(self) -> Node:
        start, node = self.scan.at, self.power()
        while (symbol := self.scan.symbol()) in ("*", "/"):
            self.scan.take(symbol)
            right = self.power()
            node = self.made(tree.Arithmetic(symbol, node, right, span=self.span(start)))  # type: ignore[arg-type]
        return node

    def power(self) -> Node:
        start, node = self.scan.at, self.unary()
        while self.scan.take("**"):
            right = self.unary()
            node = self.made(tree.Arithmetic("**", node, right, span=self.span(start)))
        return node

    def unary(self) -> Node:
        scan = self.scan
        starts: list[int] = []
        while scan.symbol() == "-":
            starts.append(scan.at)
            scan.take("-")
        node = self.postfix()
        for start in reversed(starts):
            node = self.made(tree.Negate(node, span=self.span(start)))
        return node

    def postfix(self) -> Node:
        scan = self.scan
        start, node = scan.at, self.primary()
        while True:
            symbol = scan.symbol()
            if symbol == ".":
                scan.take(".")
                at = scan.at
                name = self.property_name()
                node = self.made(tree.Path(node, name, self.span(at), span=self.span(start)))
            elif symbol == "[" and not self.closes():
                scan.take("[")
                condition = self.expression()
                scan.need("]")
                node = self.made(tree.Filter(node, condition, span=self.span(start)))
            elif symbol == "(":
                node = self.call(node, start)
            else:
                return node

    def closes(self) -> bool:
        """Whether the ``[`` here ends an interval (``]1..2[``) rather than beginning a filter: no value follows it."""
        symbol, word = self.scan.after(self.scan.at + 1)
        return symbol not in ("(", "[", "{", "-", '"', "@") if symbol else not word or word in _AFTER_INTERVAL

    def opens(self) -> bool:
        """Whether the ``]`` here begins an interval (``]1..2[``) rather than ending an empty list: a value follows."""
        symbol, word = self.scan.after(self.scan.at + 1)
        return symbol in ('"', "@") or (bool(word) and word not in _AFTER_INTERVAL)

    # -- values ----------------------------------------------------------------------------------------------------

    def primary(self) -> Node:
        scan = self.scan
        start = scan.at
        number = scan.number()
        if number is not None:
            return self.made(tree.Number(number, span=self.span(start)))
        text = scan.string()
        if text is not None:
            return self.made(tree.String(text, span=self.span(start)))
        symbol = scan.symbol()
        if symbol == "(":
            return self.parenthesis(start)
        if symbol in ("[", "]"):
            return self.bracket(start)
        if symbol == "{":
            return self.context(start)
        if symbol == "@":
            scan.take("@")
            text = scan.string()
            if text is None:
                raise scan.fail("feel.expected", accepted='"…"', example='@"2025-12-31"')
            return self.made(tree.Temporal(text, parse_temporal(text), span=self.span(start)))
        return self.word(start)

    def word(self, start: int) -> Node:
        scan = self.scan
        known = scan.known(self.names) or scan.known(_BUILTINS, "(")
        if known is not None:
            return self.made(tree.Name(known, span=self.span(start)))
        word = scan.word()
        if word in ("true", "false"):
            scan.keyword(word)
            return self.made(tree.Boolean(word == "true", span=self.span(start)))
        if word == "null":
            scan.keyword(word)
            return self.made(tree.Null(span=self.span(start)))
        if word in _OPENERS:
            return self.opened(word, start)
        if not word:
            raise scan.fail("feel.value-expected")
        if word in KEYWORDS:
            raise scan.fail("feel.keyword", found=word)
        scan.moved(start + len(word))
        return self.made(tree.Name(word, span=self.span(start)))

    def opened(self, word: str, start: int) -> Node:
        """A part that begins with a keyword and reaches as far as it can."""
        self.scan.keyword(word)
        if word == "if":
            return self.conditional(start)
        if word == "function":
            return self.function(start)
        self.deeper()
        iterators = self.iterators()
        if word == "for":
            self.scan.need_keyword("return")
            body = self.expression()
            node: Node = tree.For(iterators, body, span=self.span(start))
        else:
            self.scan.need_keyword("satisfies")
            body = self.expression()
            node = tree.Quantified("some" if word == "some" else "every", iterators, body, span=self.span(start))
        self.depth -= 1
        return self.made(node)

    def conditional(self, start: int) -> Node:
        condition = self.expression()
        self.scan.need_keyword("then")
        yes = self.expression()
        self.scan.need_keyword("else")
        no = self.expression()
        return self.made(tree.If(condition, yes, no, span=self.span(start)))

    def iterators(self) -> tuple[tree.Iterator, ...]:
        found = []
        while True:
            start = self.scan.at
            name = self.new_name("in")
            self.scan.need_keyword("in")
            domain, end = self.domain()
            node = tree.Iterator(name, domain, end, span=self.span(start))
            self.made(node)
            found.append(node)
            if not self.scan.take(","):
                return tuple(found)

    def domain(self) -> tuple[Node, Node | None]:
        domain = self.sum()
        return (domain, self.sum()) if self.scan.take("..") else (domain, None)

    def new_name(self, *stops: str) -> str:
        """Words up to one of *stops*, made known to what follows."""
        scan = self.scan
        words: list[str] = []
        while (word := scan.word()) and word not in stops:
            if word in KEYWORDS and not words:
                raise scan.fail("feel.keyword", found=word)
            words.append(word)
            scan.moved(scan.at + len(word))
        if not words:
            raise scan.fail("feel.name-expected")
        name = " ".join(words)
        self.names.add(name)
        return name

    def property_name(self) -> str:
        scan = self.scan
        known = scan.known(self.properties) or scan.known(self.names)
        if known is not None:
            return known
        word = scan.word()
        if not word:
            raise scan.fail("feel.name-expected")
        scan.moved(scan.at + len(word))
        return word

    def parenthesis(self, start: int) -> Node:
        scan = self.scan
        scan.take("(")
        node = self.expression()
        if scan.take(".."):
            return self.interval_end(start, node, low_closed=False)
        scan.need(")")
        return self.made(replace(node, enclosed=True)) if isinstance(node, tree.In) else node

    def bracket(self, start: int) -> Node:
        scan = self.scan
        closed = scan.symbol() == "["
        scan.take("[" if closed else "]")
        if closed and scan.symbol() == "]" and not self.opens():
            scan.take("]")
            return self.made(tree.ListOf((), span=self.span(start)))
        first = self.expression()
        if scan.take(".."):
            return self.interval_end(start, first, low_closed=closed)
        if not closed:
            raise scan.fail("feel.expected", accepted="..", example="]1..2[")
        items = [first]
        while scan.take(","):
            items.append(self.expression())
        scan.need("]")
        return self.made(tree.ListOf(tuple(items), span=self.span(start)))

    def interval_end(self, start: int, low: Node, low_closed: bool) -> Node:
        scan = self.scan
        high = self.expression()
        symbol = scan.symbol()
        if symbol not in ("]", ")", "["):
            raise scan.fail("feel.expected", accepted="] ) [")
        scan.take(symbol)
        return self.made(tree.Interval(low, high, low_closed, symbol == "]", span=self.span(start)))

    def context(self, start: int) -> Node:
        scan = self.scan
        scan.take("{")
        entries: list[tuple[str, Node]] = []
        while not scan.take("}"):
            if entries:
                scan.need(",")
            key = scan.string()
            if key is None:
                key = self.key()
            scan.need(":")
            self.names.add(key)
            self.properties.add(key)
            entries.append((key, self.expression()))
        return self.made(tree.ContextOf(tuple(entries), span=self.span(start)))

    def key(self) -> str:
        """A key written without quotes: everything up to the colon."""
        scan = self.scan
        start, at = scan.at, scan.text.find(":", scan.at)
        key = " ".join(scan.text[start:at].split()) if at > start else ""
        if not key or not (key[0].isalpha() or key[0] in "_?") or any(c in key for c in '"{}[](),;'):
            raise scan.fail("feel.name-expected")
        scan.moved(at)
        return key

    def function(self, start: int) -> Node:
        scan = self.scan
        scan.need("(")
        parameters: list[tuple[str, str | None]] = []
        while not scan.take(")"):
            if parameters:
                scan.need(",")
            name = self.new_name()
            parameters.append((name, self.type_name() if scan.take(":") else None))
        if scan.word() == "external":
            raise scan.fail("feel.external-function")
        body = self.expression()
        return self.made(tree.Function(tuple(parameters), body, span=self.span(start)))

    def call(self, function: Node, start: int) -> Node:
        scan = self.scan
        scan.take("(")
        arguments: list[Node] = []
        names: list[str] = []
        while not scan.take(")"):
            if arguments:
                scan.need(",")
            name = self.argument_name()
            if bool(name) != bool(names) and arguments:
                raise scan.fail("feel.mixed-arguments")
            if name:
                names.append(name)
            arguments.append(self.expression())
        return self.made(tree.Call(function, tuple(arguments), tuple(names), span=self.span(start)))

    def argument_name(self) -> str:
        """The name of a named argument with its colon; an empty text when the argument is given by position."""
        scan = self.scan
        at, end = scan.at, scan.end
        words = []
        while word := scan.word():
            words.append(word)
            scan.moved(scan.at + len(word))
        if words and scan.take(":"):
            return " ".join(words)
        scan.at, scan.end = at, end
        return ""

    # -- tests behind `in`, types ------------------------------------------------------------------------------------

    def tests(self) -> tuple[Node, ...]:
        scan = self.scan
        if scan.symbol() != "(":
            return (self.test(),)
        start = scan.at
        scan.take("(")
        first = self.test()
        if scan.take(".."):
            return (self.interval_end(start, first, low_closed=False),)
        tests = [first]
        while scan.take(","):
            tests.append(self.test())
        scan.need(")")
        return tuple(tests)

    def test(self) -> Node:
        start, symbol = self.scan.at, self.scan.symbol()
        if symbol in _COMPARISONS:
            self.scan.take(symbol)
            operand = self.sum()
            return self.made(tree.UnaryTest(symbol, operand, span=self.span(start)))  # type: ignore[arg-type]
        return self.sum()

    def type_name(self) -> str:
        """A type in normal spelling: ``number``, ``list<number>``, ``context<a: number>``, ``function<…> -> Any``."""
        scan = self.scan
        self.deeper()
        words = []
        while (word := scan.word()) and word not in _AFTER_INTERVAL:
            words.append(word)
            scan.moved(scan.at + len(word))
            if words == ["date"] and scan.word() == "and":
                words.append("and")
                scan.keyword("and")
            if words[-1] in ("years", "days") and scan.word() == "and":
                words.append("and")
                scan.keyword("and")
        if not words:
            raise scan.fail("feel.name-expected", accepted="number string boolean date list<…>")
        name = " ".join(words)
        if scan.take("<"):
            inner: list[str] = []
            while not scan.take(">"):
                if inner:
                    scan.need(",")
                inner.append(self.type_argument(name))
            name += f"<{', '.join(inner)}>"
        if scan.take("->"):
            name += f" -> {self.type_name()}"
        self.depth -= 1
        return name

    def type_argument(self, outer: str) -> str:
        if outer != "context":
            return self.type_name()
        name = self.scan.word()
        if not name:
            raise self.scan.fail("feel.name-expected")
        self.scan.moved(self.scan.at + len(name))
        self.scan.need(":")
        return f"{name}: {self.type_name()}"


