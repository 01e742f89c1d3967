# SPDX-License-Identifier: GPL-3.0-only
library(testthat)
library(steelyard)

test_check("steelyard")
