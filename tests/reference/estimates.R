# Reference numbers for fieldkit/stats/estimate.py, from another program.
# Rscript tests/reference/estimates.R > tests/reference/estimates.json   (R 4.2 or later, base packages only)
number <- function(x) format(x, digits = 15)
line <- function(...) paste0("{", paste(c(...), collapse = ", "), "}")
field <- function(name, x) paste0('"', name, '": ', if (length(x) > 1) paste0("[", paste(number(x), collapse = ", "), "]") else number(x))

# the largest i with 2 P(Bin(n, 1/2) <= i - 1) <= 0.05
rank_of <- function(n) max(which(2 * pbinom(0:n - 1, n, 0.5) <= 0.05)) - 1

set.seed(20261120)
samples <- c(
  list(c(40, 45, 50, 50, 55, 60, 60, 65, 70, 75, 80, 85), c(0, 1, 2, 2, 3, 4, 4, 5, 6, 8, 10, 30), 1:10),
  lapply(c(10, 13, 20, 37, 44, 120), function(n) round(rgamma(n, 3, 0.2), 1)),
  lapply(c(11, 25, 60), function(n) sample(0:20, n, TRUE) * 5))

means <- sapply(samples, function(x) {
  t <- t.test(x)
  line(field("x", x), field("mean", mean(x)), field("sd", sd(x)), field("lo", t$conf.int[1]), field("hi", t$conf.int[2]))
})
medians <- sapply(samples, function(x) {
  n <- length(x)
  i <- rank_of(n)
  s <- sort(x)
  line(field("x", x), field("median", median(x)), field("q1", quantile(x, 0.25, type = 7)[[1]]),
       field("q3", quantile(x, 0.75, type = 7)[[1]]), field("i", i), field("lo", s[i]), field("hi", s[n - i + 1]))
})
pairs <- list(c(7, 20), c(18, 40), c(30, 33), c(0, 12), c(12, 12), c(3, 10), c(1, 200), c(60, 120))
shares <- sapply(pairs, function(p) {
  t <- suppressWarnings(prop.test(p[1], p[2], correct = FALSE))
  line(field("k", p[1]), field("n", p[2]), field("lo", t$conf.int[1]), field("hi", t$conf.int[2]))
})
ranks <- sapply(c(6:60, 99, 100, 500, 1000), function(n) {
  i <- rank_of(n)
  line(field("n", n), field("i", i))
})
t_quantiles <- sapply(c(9, 10, 11, 19, 29, 59, 99, 500), function(v) line(field("v", v), field("t", qt(0.975, v))))
ratios <- sapply(c(10, 25, 60), function(n) {
  x <- sample(1:9, n, TRUE)
  y <- rbinom(n, x, 0.4)
  r <- sum(y) / sum(x)
  se <- sqrt(n * var(y - r * x)) / sum(x)
  reach <- qt(0.975, n - 1) * se
  line(field("y", y), field("x", x), field("ratio", 100 * r), field("se", 100 * se),
       field("lo", max(0, 100 * (r - reach))), field("hi", min(100, 100 * (r + reach))))
})
alphas <- sapply(c(3, 4, 6), function(k) {
  m <- sapply(1:k, function(j) sample(1:5, 40, TRUE))
  m <- pmin(pmax(round((m + m[, 1]) / 2), 1), 5)
  a <- k / (k - 1) * (1 - sum(diag(cov(m))) / sum(cov(m)))
  line(field("k", k), field("rows", as.vector(t(m))), field("alpha", a))
})
block <- function(name, rows) paste0('  "', name, '": [\n    ', paste(rows, collapse = ",\n    "), "\n  ]")
cat("{\n", paste(c(block("means", means), block("medians", medians), block("shares", shares), block("ranks", ranks),
  block("t_quantiles", t_quantiles), block("ratios", ratios), block("alphas", alphas)), collapse = ",\n"), "\n}\n", sep = "")
