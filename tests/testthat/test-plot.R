# SPDX-License-Identifier: GPL-3.0-only

test_that("each plot is drawn, with all blocks in order", {
  skip_if_not_installed("ggplot2")
  s <- shares(mtcars, "mpg", c("wt", "hp", "qsec"))
  several <- shares(mtcars, c("mpg", "disp"), c("wt", "hp"), interval = "none")
  pdf(NULL)
  on.exit(dev.off())
  for (what in c("shares", "bounds", "common")) {
    drawn <- plot(s, what)
    expect_s3_class(drawn, "ggplot")
    expect_equal(levels(drawn$data$block), c("qsec", "hp", "wt"))
    expect_s3_class(plot(several, what), "ggplot")
  }
  expect_error(plot(s, "pie"), class = "steelyard_error_invalid", "\"shares\", \"bounds\", \"common\"")
  expect_error(plot(shares(mtcars, "mpg", "wt", bounds = FALSE), "bounds"), class = "steelyard_error_invalid", "bounds")
})
