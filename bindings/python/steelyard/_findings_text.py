# SPDX-License-Identifier: GPL-3.0-only
"""How the table of findings reads: in a terminal, and as one HTML page."""
from html import escape

from . import datasets
from ._document import Cells, Document, Heading, Listed

_WIDTH = 100
_COLUMNS = (16, 40, 14, 10, 10)  # status, finding, published, recomputed, tolerance
_STATUSES = ("reproduced", "bounded", "differs", "not reproducible")


def phrases():
    """The words that both languages print, by key."""
    table = datasets._table("published_findings", "texts.csv")
    return dict(zip(table["key"], table["text"]))


def wrap(text, width):
    """Lines of at most `width` characters, broken at blanks."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def plain(value):
    """A tolerance as the table has it, without an exponent."""
    if value != value:
        return ""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _cells(texts, widths):
    """One row of a table: every cell wrapped, the columns side by side."""
    wrapped = [wrap(t, w) for t, w in zip(texts, widths)]
    lines = []
    for i in range(max(map(len, wrapped))):
        parts = [(c[i] if i < len(c) else "").ljust(w) for c, w in zip(wrapped, widths)]
        lines.append("  ".join(parts).rstrip())
    return lines


def _indented(text, indent):
    return [" " * indent + line for line in wrap(text, _WIDTH - indent)]


def counts(found):
    """The number of findings by status, as one sentence."""
    of = [f"{(found['status'] == s).sum()} {s}" for s in _STATUSES]
    return f"{len(found)} findings: " + ", ".join(of)


def text(found, answer):
    """The whole table for a terminal 100 columns wide."""
    say = phrases()
    lines = [say["title"], counts(found)]
    lines += [f"  {s + ':':18}{say['status.' + s]}" for s in _STATUSES]
    for claim in dict.fromkeys(found["claim"]):
        lines += ["", *_claim(found[found["claim"] == claim].to_dict("records"), say["claim." + claim])]
    return "\n".join([*lines, "", *_answer_text(answer, say)])


def _claim(rows, title):
    lines = [title, *_cells(["", "", "published", "recomputed", "tolerance"], _COLUMNS), "-" * _WIDTH]
    source = None
    for row in rows:
        if row["source"] != source:
            source = row["source"]
            lines += _indented("from: " + source, 2)
        lines += _cells([row["status"], row["finding"], row["published"], row["recomputed_text"],
                         plain(row["tolerance"])], _COLUMNS)
        if row["note"]:
            lines += _indented(row["note"], 20)
    return lines


def interval(three):
    return "{:.4f} [{:.4f}, {:.4f}]".format(*three)


def share_table(answer):
    """Heading and rows of the council table, as text."""
    head = ["outcome", "total", "funding", "process", "funding alone"]
    rows = [[r["outcome"].replace("_", " "), f"{r['total']:.4f}", interval(r["funding"]),
             interval(r["process"]), f"{r['alone']:.4f}"] for r in answer["shares"]]
    return head, rows


def source_table(answer, say):
    head = ["source of the process measure", "share above funding", "interval above zero"]
    rows = [[say[key], f"{above} of 7", f"{clear} of 7"] for key, above, clear in answer["sources"]]
    return head, rows


def sentences(answer, say):
    """The sentences of the answer, with their numbers."""
    def fill(key, part):
        out = say[key]
        for name, value in part.items():
            out = out.replace("{" + name + "}", value)
        return out

    def largest(part):
        return {"largest": f"{part['value']:.4f}", "outcome": part["outcome"].replace("_", " "),
                "upper": f"{part['upper']:.4f}", "normal": f"{part['normal']:.4f}", "answer": part["answer"]}

    low, high = answer["range"]
    return {
        "range": fill("answer.range", {"low": str(low), "high": str(high)}),
        "largest": fill("answer.largest", largest(answer["largest"])),
        "leave": fill("answer.leave", {"council": answer["council"], **largest(answer["leave"])}),
    }


def cautions(say):
    return [say[k] for k in say if k.startswith("caution.")]


def document(found, answer):
    """The same for Markdown and LaTeX: a table a claim, then the answer for the councils."""
    say = phrases()
    pieces = [Heading(say["title"]), counts(found), Listed(None, [f"{s}: {say['status.' + s]}" for s in _STATUSES])]
    for claim in dict.fromkeys(found["claim"]):
        rows = [["status", "finding", "source", "published", "recomputed", "tolerance"]]
        rows += [[row["status"], row["finding"], row["source"], row["published"], row["recomputed_text"],
                  plain(row["tolerance"])] for row in found[found["claim"] == claim].to_dict("records")]
        pieces.append(Cells(say["claim." + claim], rows, 3))
    said = sentences(answer, say)
    head, sources = source_table(answer, say)
    names, shares = share_table(answer)
    return Document([*pieces, Heading(say["answer.title"]), say["answer.question"], said["range"],
                     Cells(say["answer.title"], [head, *sources]), Cells(say["answer.shares"].rstrip(":"), [names, *shares]),
                     said["largest"], said["leave"], Listed(say["cautions.title"], cautions(say)), say["attribution"]])


def _answer_text(answer, say):
    said = sentences(answer, say)
    lines = [say["answer.title"], "=" * _WIDTH, *wrap(say["answer.question"], _WIDTH), "",
             *wrap(said["range"], _WIDTH)]
    head, rows = source_table(answer, say)
    for row in (head, *rows):
        lines += _cells(row, (48, 20, 20))
    lines += ["", *wrap(say["answer.shares"], _WIDTH)]
    head, rows = share_table(answer)
    for row in (head, *rows):
        lines += _cells(row, (25, 6, 23, 23, 13))
    for key in ("largest", "leave"):
        lines += ["", *wrap(said[key], _WIDTH)]
    lines += ["", say["cautions.title"]]
    for caution in cautions(say):
        first, *rest = wrap(caution, _WIDTH - 2)
        lines += ["- " + first, *("  " + line for line in rest)]
    return [*lines, "", *wrap(say["attribution"], _WIDTH)]


_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1d2733; background: #fff;
  max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem; }
.sy h1 { font-size: 1.7rem; margin: 0 0 .3rem; } .sy h2 { font-size: 1.15rem; margin: 2.4rem 0 .5rem; }
.sy table { border-collapse: collapse; width: 100%; font-size: .92rem; }
.sy th { text-align: left; font-weight: 600; color: #55606e; border-bottom: 2px solid #cfd6de;
  padding: .3rem .6rem .3rem 0; }
.sy td { vertical-align: top; border-bottom: 1px solid #e6eaef; padding: .35rem .6rem .35rem 0; }
.sy .claim th:first-child { width: 8.6rem; }
.sy td.n, .sy th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.sy .note { color: #55606e; font-size: .86rem; display: block; }
.sy .from td { color: #55606e; font-style: italic; background: #f6f8fa; padding-left: .4rem; }
.sy .s { display: inline-block; white-space: nowrap; padding: 0 .5rem; border-radius: .6rem; font-size: .82rem; }
.sy .reproduced { background: #dff1e4; color: #14532d; } .sy .bounded { background: #dcebfa; color: #123f6b; }
.sy .differs { background: #fbe9d0; color: #6b3d07; } .sy .not { background: #e8eaee; color: #3c4450; }
.sy .answer { background: #f6f8fa; border: 1px solid #dde3ea; border-radius: .6rem;
  padding: .2rem 1.4rem 1.2rem; margin: 1.5rem 0; }
.sy .answer h2 { margin-top: 1rem; } .sy .lead { font-weight: 600; }
.sy footer { color: #55606e; font-size: .86rem; margin-top: 2rem; }
"""


def page(found, answer):
    """The whole table as one self-contained HTML page."""
    title = escape(phrases()["title"])
    return ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>steelyard: {title}</title>\n</head>\n<body>\n{body(found, answer)}\n</body>\n</html>\n")


def body(found, answer):
    say = phrases()
    parts = [f"<style>{_STYLE}</style>", '<div class="sy">', f"<h1>{escape(say['title'])}</h1>",
             f"<p>{escape(counts(found))}</p>", _answer_html(answer, say)]
    for claim in dict.fromkeys(found["claim"]):
        rows = found[found["claim"] == claim].to_dict("records")
        parts += [f"<h2>{escape(say['claim.' + claim])}</h2>", _claim_html(rows)]
    meaning = "; ".join(f"{s}: {say['status.' + s]}" for s in _STATUSES)
    parts.append(f"<footer><p>{escape(meaning)}.</p><p>{escape(say['attribution'])}</p></footer></div>")
    return "\n".join(parts)


def _badge(status):
    return f'<span class="s {status.split(" ")[0]}">{status}</span>'


def _claim_html(rows):
    out = ['<table class="claim"><tr><th>status</th><th>finding</th><th class="n">published</th>'
           '<th class="n">recomputed</th><th class="n">tolerance</th></tr>']
    source = None
    for row in rows:
        if row["source"] != source:
            source = row["source"]
            out.append(f'<tr class="from"><td colspan="5">from: {escape(source)}</td></tr>')
        note = f'<span class="note">{escape(row["note"])}</span>' if row["note"] else ""
        cells = "".join(f'<td class="n">{escape(t)}</td>' for t in
                        (row["published"], row["recomputed_text"], plain(row["tolerance"])))
        out.append(f"<tr><td>{_badge(row['status'])}</td><td>{escape(row['finding'])}{note}</td>{cells}</tr>")
    return "\n".join([*out, "</table>"])


def _plain_table(head, rows):
    def cells(texts, tag):
        return "".join(f'<{tag}{" class=n" if i else ""}>{escape(t)}</{tag}>' for i, t in enumerate(texts))
    lines = [f"<tr>{cells(head, 'th')}</tr>", *(f"<tr>{cells(r, 'td')}</tr>" for r in rows)]
    return "\n".join(["<table>", *lines, "</table>"])


def _answer_html(answer, say):
    said = {k: escape(v) for k, v in sentences(answer, say).items()}
    listed = "".join(f"<li>{escape(c)}</li>" for c in cautions(say))
    return "\n".join([
        '<div class="answer">', f"<h2>{escape(say['answer.title'])}</h2>",
        f"<p>{escape(say['answer.question'])}</p>", f'<p class="lead">{said["range"]}</p>',
        _plain_table(*source_table(answer, say)), f"<p>{escape(say['answer.shares'])}</p>",
        _plain_table(*share_table(answer)), f"<p>{said['largest']}</p>", f"<p>{said['leave']}</p>",
        f"<p><b>{escape(say['cautions.title'])}</b></p>", f"<ul>{listed}</ul>", "</div>"])
