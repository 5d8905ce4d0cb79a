"""The words files: every sentence that the system says to people, by locale, and the catalogues made of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.plural import PluralRule, to_gettext

from infra.plan_compiler.catalogue import CATALOGUE, Sentence
from infra.plan_compiler.findings import Finding, choice
from infra.plan_compiler.shape import locale_of, placeholders
from infra.plan_compiler.source import Node

PLURAL_FORMS = ("zero", "one", "two", "few", "many", "other")
"""CLDR's plural categories, in the order in which gettext numbers the ones that a locale has."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

Entries = Mapping[str, Node]


def sentences(root: Node) -> dict[str, Node]:
    """The leaves of a words file by dotted key. A mapping that has the form `other` is one counted sentence."""
    found: dict[str, Node] = {}
    for key, node in root.entries().items():
        if _is_leaf(node):
            found[key] = node
        else:
            found.update({f"{key}.{rest}": leaf for rest, leaf in sentences(node).items()})
    return found


def _is_leaf(node: Node) -> bool:
    names = node.entries().keys()
    return not names or ("other" in names and names <= set(PLURAL_FORMS))


def plural_rule(locale: Locale) -> PluralRule:
    """The locale's plural rule for whole numbers written out; the forms for compact numbers are left out."""
    rules = {name: rule for name, rule in locale.plural_form.rules.items() if " e " not in f" {rule} "}
    return PluralRule(rules)


def plural_forms(locale: Locale) -> tuple[str, ...]:
    """The plural forms that a counted sentence needs in a locale."""
    tags = plural_rule(locale).tags | {"other"}
    return tuple(form for form in PLURAL_FORMS if form in tags)


def check_words(words: Mapping[str, Node]) -> Iterator[Finding]:
    """Every finding about the words files, given by locale."""
    entries = {locale: sentences(root) for locale, root in words.items()}
    for locale, root in words.items():
        forms = plural_forms(locale_of(locale) or Locale("en"))
        yield from _missing(root, entries[locale])
        for key, node in entries[locale].items():
            yield from _sentence(key, node, forms)
    yield from _different(entries)


def _missing(root: Node, entries: Entries) -> Iterator[Finding]:
    for key in CATALOGUE:
        if key not in entries:
            parts = tuple(key.split("."))
            node = root.at(parts)
            yield Node(root.file, node.line, key).finding("is missing", "add the sentence, as the example plan has it")


def _sentence(key: str, node: Node, forms: tuple[str, ...]) -> Iterator[Finding]:
    declared = CATALOGUE.get(key)
    if declared is None:
        yield node.finding("nothing in the system says this", choice(key, CATALOGUE))
        return
    if declared.counted:
        yield from _forms(node, forms)
    elif node.entries():
        yield node.finding("has plural forms, but nothing is counted here", "write one sentence")
        return
    for leaf in _leaves(node):
        yield from _leaf(leaf, declared)


def _forms(node: Node, forms: tuple[str, ...]) -> Iterator[Finding]:
    if not node.entries():
        if forms != ("other",):
            yield node.finding(
                "counts something, so it needs plural forms",
                "write " + " and ".join(f"'{form}: …'" for form in forms),
            )
        return
    for form in forms:
        if form not in node.entries():
            yield node.finding(f"the plural form '{form}' is missing", f"add '{form}: …'")
    for form, leaf in node.entries().items():
        if form not in forms:
            yield leaf.finding(f"this locale has no plural form '{form}'", "remove it")


def _leaves(node: Node) -> list[Node]:
    return list(node.entries().values()) or [node]


def _leaf(leaf: Node, declared: Sentence) -> Iterator[Finding]:
    text = leaf.value
    if not isinstance(text, str) or not text:
        yield leaf.finding("must be text", "write the sentence, in quotes where it is a number")
        return
    if not text.isprintable():
        yield leaf.finding("has a line break or an invisible character", "write it on one line; '>-' folds long ones")
    try:
        named = placeholders(text)
    except ValueError:
        yield leaf.finding("has braces that name nothing", "write placeholders like {time}")
        return
    for name in sorted(named - declared.placeholders):
        yield leaf.finding(
            f"nothing fills '{{{name}}}' here",
            choice(name, sorted(declared.placeholders), otherwise="write it without placeholders"),
        )


def _different(entries: Mapping[str, Entries]) -> Iterator[Finding]:
    locales = list(entries)
    for key in CATALOGUE:
        holders = [locale for locale in locales if key in entries[locale]]
        if not holders:
            continue
        first = _named(entries[holders[0]][key])
        for locale in holders[1:]:
            named = _named(entries[locale][key])
            if first is None or named is None or first == named:
                continue
            node = entries[locale][key]
            told = ", ".join(f"{{{name}}}" for name in sorted(first)) or "none"
            yield node.finding(
                f"the placeholders differ from those in {holders[0]} ({told})",
                "use the same ones in each locale",
            )


def _named(node: Node) -> frozenset[str] | None:
    names: frozenset[str] = frozenset()
    for leaf in _leaves(node):
        try:
            names |= placeholders(leaf.text())
        except ValueError:
            return None
    return names


def catalogue_bytes(tag: str, root: Node) -> bytes:
    """The gettext catalogue of a words file. A message's id is its dotted key, a counted one's plural id too."""
    locale = locale_of(tag) or Locale("en")
    forms = plural_forms(locale)
    catalog = Catalog(project="emergency-response", creation_date=_EPOCH, revision_date=_EPOCH)
    catalog.mime_headers = [("Plural-Forms", to_gettext(plural_rule(locale))), ("Language", tag)]
    for key, node in sentences(root).items():
        if CATALOGUE[key].counted:
            by_form = [node.get(form).text() or node.text() for form in forms]
            catalog.add((key, key), tuple(by_form))
        else:
            catalog.add(key, node.text())
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()
