# SPDX-License-Identifier: GPL-3.0-only
"""A result as people see it: pieces in order, and four ways to write them down. R writes the same."""
import html
import re
import unicodedata

from ._bad_input import check_target

STYLE = (".steelyard{font-variant-numeric:tabular-nums;max-width:100%;margin:.4em 0 1em}.steelyard p{margin:.4em 0}"
         ".steelyard div{overflow-x:auto}.steelyard table{border-collapse:collapse;margin:.6em 0}"
         ".steelyard caption{caption-side:top;text-align:left;padding:.2em 0}"
         ".steelyard th,.steelyard td{padding:.15em .6em;text-align:right;white-space:nowrap;font-weight:normal}"
         ".steelyard thead th{border-bottom:1px solid currentColor;font-weight:bold;vertical-align:bottom}"
         ".steelyard .word{text-align:left;white-space:normal}.steelyard ul{margin:.2em 0 .4em;padding-left:1.4em}")


class Heading(str):
    """The line that says what was computed."""


class Caution(str):
    """What must be kept in mind."""


class Plain(str):
    """A line that plain text alone shows, such as what other forms have in a caption."""


class Listed:
    """Lines under each other with a dash before them; `title` may be None."""

    def __init__(self, title, items):
        self.title, self.items = title, tuple(items)


class Cells:
    """A table: `rows` of text, the header first; the first `left` columns are words, or those with an "l" in a text of
    "l" and "r"; `units` by header."""

    def __init__(self, caption, rows, left=1, units=None):
        self.caption = caption
        self.words = [letter == "l" for letter in left] if isinstance(left, str) else [
            j < left for j in range(len(rows[0]))]
        self.header, self.body = tuple(rows[0]), tuple(tuple(row) for row in rows[1:])
        self.units = dict(units or {})

    def headers(self):
        """Header cells with their units."""
        return [f"{name} ({self.units[name]})" if name in self.units else name for name in self.header]


class Document:
    """Pieces: text, :class:`Heading`, :class:`Cells`, :class:`Listed`, :class:`Caution`, :class:`Plain`. Blank text parts
    lines in plain text only. The first line is the heading where none is named."""

    def __init__(self, pieces):
        pieces = list(pieces)
        while pieces and isinstance(pieces[-1], str) and not pieces[-1]:
            pieces.pop()
        if pieces and type(pieces[0]) is str and not any(isinstance(piece, Heading) for piece in pieces):
            pieces[0] = Heading(pieces[0])
        self.pieces = tuple(pieces)

    def __add__(self, pieces):
        return Document([*self.pieces, *(pieces.pieces if isinstance(pieces, Document) else pieces)])

    def __str__(self):
        return "\n".join(line for piece in self.pieces for line in _text_lines(piece))

    def html(self):
        label = next((piece for piece in self.pieces if isinstance(piece, Heading)), "steelyard")
        body = "\n".join(_HTML[type(piece)](piece) for piece in self._formal())
        return (f'<div class="steelyard" role="group" aria-label="{html.escape(label)}">\n<style>{STYLE}</style>\n'
                f"{body}\n</div>\n")

    def markdown(self):
        return "\n\n".join(_MARKDOWN[type(piece)](piece) for piece in self._formal()) + "\n"

    def latex(self):
        return "\n\n".join(_LATEX[type(piece)](piece) for piece in self._formal()) + "\n"

    def _formal(self):
        return [piece for piece in self.pieces if piece != "" and not isinstance(piece, Plain)]


def _wide(text):
    """Columns that text takes on a screen: two for a Chinese letter, none for a combining accent."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
               for letter in text)


def _columns(rows, words, least=0, length=len):
    """Cells padded to the width of their column: words to the left, numbers to the right."""
    widths = [max(least, *(length(row[j]) for row in rows)) for j in range(len(words))]

    def padded(cell, width, word):
        blanks = " " * (width - length(cell))
        return cell + blanks if word else blanks + cell

    return [[padded(*cell) for cell in zip(row, widths, words)] for row in rows]


def _text_lines(piece):
    if isinstance(piece, Cells):
        return ["  ".join(cells).rstrip() for cells in _columns([piece.header, *piece.body], piece.words,
                                                                  length=_wide)]
    if isinstance(piece, Listed):
        return [*([] if piece.title is None else [piece.title]), *(f"- {item}" for item in piece.items)]
    return [piece]


def _html_list(piece):
    title = "" if piece.title is None else f"<p>{html.escape(piece.title)}</p>\n"
    return title + "<ul>\n" + "".join(f"<li>{html.escape(item)}</li>\n" for item in piece.items) + "</ul>"


def _html_table(piece):
    caption = html.escape(piece.caption)
    head = "".join(f'<th scope="col"{_word(j, piece)}>{html.escape(cell)}</th>' for j, cell in enumerate(piece.headers()))
    body = "".join("<tr>" + "".join(_html_cell(j, cell, piece) for j, cell in enumerate(row)) + "</tr>\n"
                   for row in piece.body)
    return (f'<div role="region" aria-label="{caption}" tabindex="0">\n<table>\n<caption>{caption}</caption>\n<thead>\n'
            f"<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>")


def _word(j, piece):
    return ' class="word" style="text-align:left"' if piece.words[j] else ""  # inline: some pages drop styles


def _html_cell(j, cell, piece):
    tag, scope = ("th", ' scope="row"') if j == 0 and piece.words[0] else ("td", "")
    return f"<{tag}{scope}{_word(j, piece)}>{html.escape(cell)}</{tag}>"


_HTML = {Heading: lambda piece: f"<p><strong>{html.escape(piece)}</strong></p>", str: lambda piece: f"<p>{html.escape(piece)}</p>",
         Caution: lambda piece: f"<p><em>{html.escape(piece)}</em></p>", Listed: _html_list, Cells: _html_table}


def _marked(text):
    """Text without meaning for Markdown."""
    text = re.sub(r"([\\`*_\[\]<>|#~$^])", r"\\\1", text)
    return re.sub(r"^(\s*)([-+]|\d+[.)])(?=\s)", lambda found: found[1] + found[2][:-1] + "\\" + found[2][-1], text)


def _markdown_list(piece):
    title = "" if piece.title is None else f"{_marked(piece.title)}\n\n"
    return title + "\n".join(f"- {_marked(item)}" for item in piece.items)


def _markdown_table(piece):
    head, *rows = _columns([[_marked(cell) for cell in row] for row in (piece.headers(), *piece.body)], piece.words, 4)
    rule = [":" + "-" * (len(cell) - 1) if word else "-" * (len(cell) - 1) + ":" for cell, word in zip(head, piece.words)]
    lines = ["| " + " | ".join(row) + " |" for row in (head, rule, *rows)]
    return f"Table: {_marked(piece.caption)}\n\n" + "\n".join(lines)


_MARKDOWN = {Heading: lambda piece: f"**{_marked(piece)}**", str: _marked, Caution: lambda piece: f"*{_marked(piece)}*",
             Listed: _markdown_list, Cells: _markdown_table}

_TEX = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}


def _tex(text):
    return "".join(_TEX.get(letter, letter) for letter in text)


def _tex_cell(cell):
    """A cell; the minus of a number is a minus."""
    return "$-$" + _tex(cell[1:]) if re.match(r"-[0-9.i]", cell) else _tex(cell)


def _latex_list(piece):
    title = "" if piece.title is None else f"{_tex(piece.title)}\n"
    return title + "\\begin{itemize}\n" + "".join(f"\\item {_tex(item)}\n" for item in piece.items) + "\\end{itemize}"


def _latex_table(piece):
    columns = "".join("l" if word else "r" for word in piece.words)
    head, *body = [" & ".join(cells) + r" \\" for cells in (
        [_tex(cell) for cell in piece.headers()], *([_tex_cell(cell) for cell in row] for row in piece.body))]
    return "\n".join([r"\begin{table}", r"\centering", f"\\caption{{{_tex(piece.caption)}}}",
                      f"\\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *body, r"\bottomrule",
                      r"\end{tabular}", r"\end{table}"])


_LATEX = {Heading: lambda piece: f"\\textbf{{{_tex(piece)}}}", str: _tex, Caution: lambda piece: f"\\emph{{{_tex(piece)}}}",
          Listed: _latex_list, Cells: _latex_table}


class Written:
    """What has a document: `_document()` makes it."""

    def __repr__(self):
        return str(self._document())

    __str__ = __repr__

    def _repr_html_(self):
        return self._document().html()

    def to_markdown(self):
        """The print as Markdown, with pipe tables.

        Returns
        -------
        str

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), "Fertility", ["Education", "Catholic"])
        >>> s.to_markdown().count("| Catholic ")
        1
        """
        return self._document().markdown()

    def to_latex(self):
        r"""The print as LaTeX; its tables need the package booktabs.

        Returns
        -------
        str

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), "Fertility", ["Education", "Catholic"])
        >>> "\\toprule" in s.to_latex()
        True
        """
        return self._document().latex()


class Shown(Written):
    """A result: a document, and `to_frame()` with its numbers."""

    def to_csv(self, path=None):
        r"""The numbers of ``to_frame()``, unrounded, as CSV.

        Parameters
        ----------
        path : str or path, optional
            File to write; without it the text is returned.

        Returns
        -------
        str or None

        Raises
        ------
        OSError
            The file cannot be written.
        SteelyardError
            There is no such folder.

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), "Fertility", ["Education", "Catholic"])
        >>> s.to_csv().split("\n")[0]
        'outcome,block,term,metric,estimate,std_error,conf_low,conf_high'
        """
        return csv_of(self.to_frame(), path)


def csv_of(frame, path):
    """A frame as CSV without its index: the text, or None when it went to a file."""
    text = frame.to_csv(index=False)
    if path is None:
        return text
    with open(check_target("path", path), "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return None


def sections_document(sections):
    """Lists of pieces under each other."""
    return Document([piece for number, pieces in enumerate(sections) for piece in ([""] if number else []) + pieces])


_CORE = {"H": Heading, "T": str, "P": Plain, "C": Caution}


def told(text):
    """A document of the pieces that the core hands out (weigh.h says how they are written)."""
    pieces = []
    for line in text.split("\n"):
        kind, rest = line[:1], line[1:]
        if kind in _CORE:
            pieces.append(_CORE[kind](rest))
        elif kind == "L":
            pieces.append([rest or None, []])
        elif kind == "I":
            pieces[-1][1].append(rest)
        elif kind == "G":
            pieces.append([*rest.split("\x1f"), []])
        else:
            pieces[-1][2].append(rest.split("\x1f"))
    return Document(piece if isinstance(piece, str) else Listed(*piece) if len(piece) == 2
                    else Cells(piece[1], piece[2], piece[0]) for piece in pieces)


def document_of(text):
    """A text of lines as a document, as it is."""
    return text if isinstance(text, Document) else Document(text.split("\n"))
