# Reference numbers for tests/stats/test_sensitive.py, from R's own t.test, lm and glm-free arithmetic.
# Rscript tests/reference/sensitive.R > tests/reference/sensitive.json   (R 4.2 or later, base packages only)
short <- rep(c(0, 1, 2, 3), times = c(40, 120, 90, 30))
long <- rep(c(0, 1, 2, 3, 4), times = c(25, 90, 95, 50, 20))
welch <- t.test(long, short)
warner <- lm(y ~ 1, data.frame(y = (rep(c(1, 0), times = c(138, 262)) - (1 - 0.7)) / (2 * 0.7 - 1)))
forced <- lm(y ~ 1, data.frame(y = (rep(c(1, 0), times = c(171, 329)) - 1 / 6) / (2 / 3)))
row <- function(name, share, se) sprintf('  "%s": {"share": %.12f, "standard_error": %.12f}', name, share, se)
cat("{\n", paste(c(
  row("list", unname(diff(rev(welch$estimate))), welch$stderr),
  row("warner", coef(warner)[[1]], coef(summary(warner))[1, 2]),
  row("forced", coef(forced)[[1]], coef(summary(forced))[1, 2])), collapse = ",\n"), "\n}\n", sep = "")
