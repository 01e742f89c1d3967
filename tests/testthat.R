library(testthat)
library(steelyard)

test_check("steelyard")
