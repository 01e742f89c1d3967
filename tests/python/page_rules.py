# SPDX-License-Identifier: GPL-3.0-only
"""What a page must keep so that everyone can read it, checked on its structure alone."""
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr", "rect", "path", "circle"}
_LANDMARKS = {"header", "main", "footer", "nav", "aside"}


class Page(HTMLParser):
    """The elements of a page in order: (tag, attributes, tags above), and texts by element."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.broken, self._open = [], [], [], []
        self.feed(text)
        self.close()
        self.broken += [f"<{tag}> is not closed" for tag, _ in self._open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), [above for above, _ in self._open]))
        self.texts.append("")
        if tag not in _VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self._open or self._open[-1][0] != tag:
            self.broken.append(f"</{tag}> where {self._open[-1:]} is open")
        else:
            self._open.pop()

    def handle_data(self, data):
        for _, place in self._open:
            self.texts[place] += data

    def all(self, *tags):
        return [(attrs, self.texts[i].strip()) for i, (tag, attrs, _) in enumerate(self.elements) if tag in tags]


def violations(text, whole=True):
    """Sentences on what is wrong; none where a page (or, whole=False, a part of one) keeps the rules."""
    page = Page(text)
    found = list(page.broken)
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    found += [f"id {one} stands {ids.count(one)} times" for one in set(ids) if ids.count(one) > 1]
    found += _of_references(page, set(ids)) + _of_pictures(page) + _of_tables(page)
    found += [f"{tag} loads something" for tag, attrs, _ in page.elements
              if tag in ("script", "img", "iframe", "object", "embed") or "src" in attrs or "onclick" in attrs
              or (tag == "link" and not attrs.get("href", "").startswith("data:"))]
    return found + (_of_the_whole(page) if whole else [])


def _of_the_whole(page):
    found = []
    html, title = page.all("html"), page.all("title")
    if not html or html[0][0].get("lang") != "en":
        found.append("the language is not told")
    if not title or not title[0][1]:
        found.append("there is no title")
    if not any(attrs.get("name") == "viewport" and "user-scalable" not in attrs.get("content", "")
               for attrs, _ in page.all("meta")):
        found.append("narrow screens show the page of a wide one")
    if len(page.all("main")) != 1 or len(page.all("h1")) != 1:
        found.append("one main and one h1 are needed")
    levels = [int(tag[1]) for tag, _, _ in page.elements if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    found += [f"h{b} follows h{a}" for a, b in zip([0, *levels], levels) if b > a + 1]
    for tag, attrs, above in page.elements:
        visible = tag in ("p", "table", "ul", "ol", "dl", "pre", "svg", "h1", "h2")
        if visible and not set(above) & _LANDMARKS:
            found.append(f"<{tag}> stands outside of header, main and footer")
    return found


def _of_references(page, ids):
    asked = [(tag, one) for tag, attrs, _ in page.elements for name in ("aria-labelledby", "aria-describedby")
             for one in attrs.get(name, "").split()]
    return [f"{tag} is named by {one}, which is not there" for tag, one in asked if one not in ids]


def _of_pictures(page):
    found = []
    for place, (tag, attrs, _) in enumerate(page.elements):
        if tag != "svg":
            continue
        inside = [one for one, _, _ in page.elements[place + 1:place + 3]]
        if attrs.get("role") != "img" or "aria-labelledby" not in attrs or inside != ["title", "desc"]:
            found.append("a picture without role, title or description")
        if not all(page.texts[place + 1:place + 3]):
            found.append("an empty title or description")
    return found


def _of_tables(page):
    found = []
    for place, (tag, _, above) in enumerate(page.elements):
        if tag == "table" and page.elements[place + 1][0] != "caption":
            found.append("a table without caption")
        if tag == "table":
            box = next((attrs for one, attrs, _ in reversed(page.elements[:place]) if one == "div"), {})
            if box.get("tabindex") != "0" or box.get("role") != "region" or not box.get("aria-label"):
                found.append("a table's box that keys cannot scroll")
    found += ["a head without scope" for attrs, _ in page.all("th") if "scope" not in attrs]
    found += ["an empty head" for attrs, text in page.all("th") if attrs.get("scope") != "row" and not text]
    found += [f"{parent} holds {tag}" for tag, _, above in page.elements for parent in above[-1:]
              if parent in ("ul", "ol") and tag != "li" or parent == "dl" and tag not in ("dt", "dd")]
    labels = [attrs["aria-label"] for _, attrs, _ in page.elements if attrs.get("role") == "region"]
    return found + [f"two regions are called {one}" for one in set(labels) if labels.count(one) > 1]
