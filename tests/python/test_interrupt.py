# SPDX-License-Identifier: GPL-3.0-only
"""Ctrl-C during long work, and progress shown meanwhile."""
import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core, _progress


@pytest.fixture(scope="module")
def long_question():
    """30 one-term blocks, nearly collinear: 2^30 submodels in double-double, seconds on any machine."""
    random = np.random.default_rng(3)
    x = random.normal(size=(400, 31)) + 300 * random.normal(size=(400, 1))
    m = sy.moments_from_correlation(np.corrcoef(x, rowvar=False), n=400)
    return m, "x1", [f"x{i}" for i in range(2, 32)]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_signal_stops_long_work_at_once(long_question, threads):
    m, outcome, blocks = long_question
    sent = []

    def send():
        time.sleep(0.5)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send).start()
    with pytest.raises(KeyboardInterrupt):
        sy.shares(m, outcome, blocks, interval=None, threads=threads)
    assert time.monotonic() - sent[0] < 0.1
    assert _core.live_bytes() == 0
    assert sy.shares(m, outcome, blocks[:3], interval=None).total > 0


def test_a_signal_stops_a_long_wild_bootstrap_at_once(people):
    fit = sy.fit_linear("y ~ a + b", people, cluster="region")
    sent = []

    def send():
        time.sleep(0.3)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send).start()
    with pytest.raises(KeyboardInterrupt):
        fit.wild("a", replicates=1_000_000)
    assert time.monotonic() - sent[0] < 0.1
    assert _core.live_bytes() == 0
    assert 0 < fit.wild("a", replicates=99)["p_value"].item() <= 1


@pytest.mark.parametrize("method", ["romano-wolf", "westfall-young"])
def test_a_signal_stops_a_long_family_at_once(method):
    random = np.random.default_rng(2)
    d = pd.DataFrame(random.normal(size=(800, 13)), columns=["y", *"abcdefghijkl"])
    s = sy.shares(d, "y", list("abcdefghijkl"))
    sent = []

    def send():
        time.sleep(0.6)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send).start()
    with pytest.raises(KeyboardInterrupt):
        while True:  # a call may be quicker than the signal
            s.compare_all(adjust=method, replicates=100_000)
    assert time.monotonic() - sent[0] < 0.1
    assert _core.live_bytes() == 0


def test_other_threads_run_meanwhile(long_question):
    m, outcome, blocks = long_question
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.wait(0.01):
            ticks.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=tick).start()
    threading.Timer(0.6, stop.set).start()
    with pytest.raises(KeyboardInterrupt):
        sy.shares(m, outcome, blocks, interval=None)
    assert len(ticks) > 20


def test_progress_is_told_after_a_second(long_question, monkeypatch, capsys):
    m, outcome, blocks = long_question
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)  # as where it is not installed
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    monkeypatch.setattr(_progress, "_QUIET_SECONDS", 0.1)
    monkeypatch.setenv("STEELYARD_PROGRESS", "1")
    threading.Timer(0.6, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        sy.shares(m, outcome, blocks, interval=None)
    shown = capsys.readouterr()
    assert "steelyard shares of x1: " in shown.err and shown.out == ""


def test_work_of_over_a_minute_says_how_long_it_will_take(capsys, monkeypatch):
    monkeypatch.setenv("STEELYARD_PROGRESS", "1")
    for fraction, told in [(0.01, "steelyard shares of y: about 200 s in all; Ctrl-C stops it\n"), (0.5, "")]:
        with _progress.Progress("shares of y") as progress:
            progress._start -= 2
            progress(fraction)
            progress(fraction + 0.01)
        assert capsys.readouterr().err.count("in all") == bool(told)


def test_an_error_in_the_progress_stops_the_work(long_question):
    m, _, _ = long_question

    def refuse(fraction):
        assert 0 <= fraction <= 1
        raise RuntimeError("enough")

    blocks = tuple((f"b{i}", (i,)) for i in range(1, 31))
    buffers = tuple(np.empty((60, 9)) for _ in range(5)) + (np.empty((9, 60, 60)), None)
    with pytest.raises(RuntimeError, match="enough"):
        _core.shares(m._blob, None, 0, blocks, (), (1, 0, 1, 0.95, 2000, 1, 60.0), buffers, 1, refuse)


def test_short_work_is_silent(capsys):
    sy.shares(sy.moments_from_correlation([[1, .5], [.5, 1]], 50), "x1", ["x2"], interval=None)
    shown = capsys.readouterr()
    assert shown.out == shown.err == ""
