# SPDX-License-Identifier: GPL-3.0-only
"""The report in Chromium: silent, alone, whole at two widths and on A4."""
import re
import zlib

import pytest

NAMES = ("councils", "3", "30")
A4 = (595, 842)  # points

# Right edges of what stands outside of boxes that scroll by themselves, beyond the page's own.
BEYOND = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll > *') && !e.closest('svg > *') &&
    e.getClientRects().length && e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(e => e.tagName + ': ' + e.textContent.slice(0, 60))"""

# Texts of a picture that stand on each other, or beyond its edge.
CLASHES = """[...document.querySelectorAll('svg')].flatMap(s => {
    const edge = s.getBoundingClientRect(), found = [];
    const boxes = [...s.querySelectorAll('text')].map(t => [t.getBoundingClientRect(), t.textContent]);
    boxes.forEach(([a, text], i) => {
        if (a.left < edge.left - 0.5 || a.right > edge.right + 0.5 || a.top < edge.top - 0.5 || a.bottom > edge.bottom + 0.5)
            found.push('beyond the edge: ' + text);
        boxes.slice(i + 1).forEach(([b, other]) => {
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (across > 1 && down > 0.25 * Math.min(a.height, b.height)) found.push(text + ' on ' + other);
        });
    });
    return found;
})"""

LETTERS = """Math.min(...[...document.querySelectorAll('svg text')].map(t =>
    parseFloat(t.getAttribute('font-size')) * t.ownerSVGElement.getBoundingClientRect().width /
    t.ownerSVGElement.viewBox.baseVal.width))"""

# Least contrast of a text with the ground below it [WCAG 2.2, 1.4.3].
CONTRAST = """(() => {
    const part = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const read = text => text.match(/[\\d.]+/g).map(Number);
    const ground = e => { for (; e; e = e.parentElement) {
        const c = read(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
    const of = e => { const a = light(read(getComputedStyle(e).color)), b = light(ground(e));
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
    return Math.min(...[...document.querySelectorAll('p,li,dt,dd,th,td,caption,pre,figcaption,h1,h2,h3')].map(of));
})()"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_silent_alone_and_whole(chromium, pages, name, width):
    chromium.open(pages[name].as_uri(), width)
    assert chromium.value("innerWidth") == width
    assert chromium.complaints() == []
    assert chromium.requests() == []
    assert chromium.value("document.documentElement.scrollWidth") == width
    assert chromium.value(BEYOND) == []
    assert chromium.value(CLASHES) == []
    assert chromium.value(LETTERS) > 8.5
    assert chromium.value(CONTRAST) > 4.5


@pytest.mark.parametrize("name", NAMES)
def test_keys_reach_every_box_that_scrolls(chromium, pages, name):
    chromium.open(pages[name].as_uri(), 360)
    assert chromium.value("[...document.querySelectorAll('*')].filter(e => e.scrollWidth > e.clientWidth + 1 && "
                          "getComputedStyle(e).overflowX != 'visible' && e.tabIndex < 0 && !e.closest('svg')).length") == 0
    assert chromium.value("document.querySelectorAll('.scroll').length") >= 6


@pytest.mark.parametrize("name", NAMES)
def test_a4_cuts_nothing(chromium, pages, name):
    chromium.open_printed(pages[name].as_uri())
    assert chromium.value("document.documentElement.scrollWidth") == chromium.value("innerWidth")
    assert chromium.value(BEYOND.replace("!e.closest('.scroll > *') &&", "")) == []
    printed = chromium.pdf()
    sizes = {tuple(round(float(x)) for x in box) for box in
             re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", _plain(printed))}
    assert sizes == {A4}
    assert len(printed) < 2_000_000


def _plain(pdf):
    """A PDF with its packed parts unpacked, as far as they are packed by zlib."""
    out = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            out.append(zlib.decompress(packed))
        except zlib.error:
            pass
    return b"".join(out)


def test_a_page_that_is_too_wide_is_found(chromium, pages, tmp_path):
    """The measures above can fail."""
    broken = pages["3"].read_text(encoding="utf-8").replace(
        "<h2>The numbers</h2>", '<h2>The numbers</h2><p style="width:3000px;color:#bbb">wide</p><img src="http://127.0.0.1:9/x.png">'
        "<script>console.log(1)</script>").replace('<text x="', '<text dx="-400" x="', 1)
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    chromium.open((tmp_path / "broken.html").as_uri(), 360)
    assert chromium.value("document.documentElement.scrollWidth") > 360 and chromium.value(BEYOND)
    assert chromium.value(CLASHES) and chromium.value(CONTRAST) < 4.5
    assert chromium.complaints() and chromium.requests() == ["http://127.0.0.1:9/x.png"]
