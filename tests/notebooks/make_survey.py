# SPDX-License-Identifier: GPL-3.0-only
"""make_survey.py FILE: writes datasets/made_up_survey/data.csv.

People of simulate_poet() as a council would send them in: a stratified sample with
design weights, codes in place of words (1 is the best answer), blanks where nothing
was answered. The same file every time.
"""
import sys

import numpy as np
import pandas as pd
import steelyard as sy

STRENGTHS = {"funding_outcome": 0.15, "process_outcome": 0.40}
WANTED = 22  # answers a council and stratum, where there are as many people
ANSWERED = {"q1_quality_of_life": 0.97, "q3_control": 0.96, "q7_safe": 0.95, "q8_social_contact": 0.94,
            "q12_information": 0.95, "q12a_money": 0.93, "p1_help_to_plan": 0.96, "p2_views_included": 0.95}


def sampled(people, draw):
    """At most WANTED people of each council and stratum, with what each stands for."""
    kept = []
    for _, cell in people.groupby(["council", "stratum"], sort=True):
        order = draw.permutation(len(cell))[:WANTED]
        kept.append(cell.iloc[np.sort(order)].assign(weight=round(len(cell) / len(order), 4)))
    return pd.concat(kept)


def coded(answer):
    """1 is the best of the ordered answers."""
    return (len(answer.cat.categories) - answer.cat.codes).where(answer.cat.codes >= 0)


def survey():
    people = sy.datasets.simulate_poet(2011, people=12000, councils=26, strengths=STRENGTHS)
    group = people["client_group"].astype(str)
    people = pd.DataFrame(people).assign(stratum=np.where(
        group.str.startswith("learning"), "learning disability", np.where(group.str.endswith("18-64"), "other 18-64",
                                                                          "65 and over")))
    draw = np.random.Generator(np.random.PCG64(7))
    people = sampled(people, draw)
    out = pd.DataFrame({
        "serial": np.arange(1001, 1001 + len(people)), "council": [f"Council {c:02d}" for c in people["council"]],
        "stratum": people["stratum"].to_numpy(), "weight": people["weight"].to_numpy(),
        "mechanism": np.where(people["payment_type"] == "direct_payment", "direct payment", "managed budget"),
        "weekly_budget_gbp": people["weekly_amount"].round(2).to_numpy(),
        "needs_score": (50 + 10 * people["need"]).round(1).to_numpy(),
        "deprivation": (20 + 8 * people["deprivation"]).round(2).to_numpy()})
    for name, answer in (("q1_quality_of_life", "quality_of_life"), ("q3_control", "control_over_life"),
                         ("q7_safe", "feeling_safe"), ("q8_social_contact", "friendships"),
                         ("q12_information", "easy_information"), ("q12a_money", "easy_money_control")):
        out[name] = coded(people[answer]).to_numpy()
    for name, answer in (("p1_help_to_plan", "help_to_plan"), ("p2_views_included", "views_included")):
        out[name] = np.where(people[answer], 1.0, 2.0)
    for name, part in ANSWERED.items():
        out.loc[draw.random(len(out)) >= part, name] = np.nan
    never = draw.random(len(out)) < 0.04
    out.loc[never & out["q12_information"].notna(), "q12_information"] = 6
    answers = list(ANSWERED)
    out[answers] = out[answers].astype("Int64")
    return out


if __name__ == "__main__":
    survey().to_csv(sys.argv[1], index=False)
